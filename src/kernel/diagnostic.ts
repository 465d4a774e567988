/** What is wrong with a text that a person wrote, a format or a rule, and where. */

/** A place in a source text; lines and columns count from 1. */
export type Span = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters from the column on that are meant. */
  readonly length: number;
};

export type Diagnostic = {
  readonly severity: "error" | "warning";
  /** Stable, such as `unknown-stage`. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  readonly span: Span;
};
