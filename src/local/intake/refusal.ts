/**
 * The intake's "no" to a whole request. It ends as the HTTP answer `{"error": message}` and never leaves this
 * room, so it is not an AppError.
 */
export class Refusal extends Error {
  readonly status: number;
  /** When the request may be sent again. */
  readonly retryAfterSeconds: number | undefined;
  constructor(status: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
