import { AppError } from "../../kernel/errors.ts";

/** The intake did not take the request, but may take the same bytes later. */
export class IntakeUnreachable extends AppError {
  readonly code = "INTAKE_UNREACHABLE";
  readonly disposition = "retry";
}

/** The intake will take nothing before somebody changes the configuration. */
export class IntakeMisconfigured extends AppError {
  readonly code = "INTAKE_MISCONFIGURED";
  readonly disposition = "retry";
}
