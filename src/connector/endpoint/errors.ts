import { AppError } from "../../kernel/errors.ts";

/** Entra ID knows nobody whom this process could be. */
export class NotSignedIn extends AppError {
  readonly code = "SIGN_IN_FAILED";
  readonly disposition = "retry";
  /** Why, in Entra ID's own words; one line. */
  readonly reason: string;
  constructor(reason: string, options?: ErrorOptions) {
    super(
      `Entra ID gave no token (${reason}); set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where a managed or workload identity exists`,
      options,
    );
    this.reason = reason;
  }
}
