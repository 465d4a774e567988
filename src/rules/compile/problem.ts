import type { Span } from "../contract.ts";

/** A rule that cannot be used. Stays within the room: the rule becomes a diagnostic. */
export class RuleProblem extends Error {
  readonly code: string;
  readonly hint: string;
  readonly span: Span;

  constructor(code: string, message: string, hint: string, span: Span) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.span = span;
  }
}
