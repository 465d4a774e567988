import { AppError } from "../../kernel/errors.ts";

/** The storage account said no: trying again cannot help before somebody changes the configuration. */
export class StorageRefused extends AppError {
  readonly code = "STORAGE_REFUSED";
  readonly disposition = "stop";
}
