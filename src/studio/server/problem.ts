import type { Static } from "typebox";
import type { Problem } from "../contract/shared.ts";

type Code = Static<typeof Problem>["error"]["code"];
const STATUS = {
  "bad-request": 400,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  query: 422,
  failed: 500,
} as const;

/** The server's "no", as the page shows it. It ends as an answer and never leaves this room, so it is not an AppError. */
export class Refused extends Error {
  readonly code: Code;
  readonly place: { readonly position: number; readonly length: number } | undefined;
  constructor(code: Code, message: string, place?: { readonly position: number; readonly length: number }) {
    super(message);
    this.code = code;
    this.place = place;
  }
  get status() {
    return STATUS[this.code];
  }
  get body(): Static<typeof Problem> {
    return { error: { code: this.code, message: this.message, ...this.place } };
  }
}
