import { AppError } from "../../kernel/errors.ts";

/** The dead letters cannot be read or marked: the account said no, did not answer, or holds something else. */
export class DeadLettersUnavailable extends AppError {
  readonly code = "STORAGE_REFUSED";
  readonly disposition = "stop";
}
