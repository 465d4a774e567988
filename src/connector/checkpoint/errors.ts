import { AppError } from "../../kernel/errors.ts";

/** The storage account said no: trying again cannot help before somebody changes the configuration. */
export class StorageRefused extends AppError {
  readonly code = "STORAGE_REFUSED";
  readonly disposition = "stop";
}

/** A request to the storage account failed; it is retried. */
export class StorageUnreachable extends AppError {
  readonly code = "STORAGE_UNREACHABLE";
  readonly disposition = "retry";
}
