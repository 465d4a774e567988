import { AppError, messageOf } from "../../kernel/errors.ts";

/** The local hub could not take its port. */
export class LocalHubFailed extends AppError {
  readonly code = "LOCAL_SERVER_FAILED";
  readonly disposition = "stop";
  constructor(host: string, port: number, options: { cause: unknown }) {
    super(
      `the local hub cannot listen on ${host}:${port} (${messageOf(options.cause)}); choose another port, or 0 for a free one`,
      options,
    );
  }
}
