/** What a search asks for, parsed. */
export type Query =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly items: readonly Query[] }
  | { readonly kind: "not"; readonly item: Query }
  /** `field` is undefined for a bare word, which looks into every field. */
  | { readonly kind: "term"; readonly field: string | undefined; readonly match: Match };

export type Match =
  | { readonly kind: "equals"; readonly text: string }
  /** `*` any run of characters, `?` one; a backslash takes the meaning from the next character. */
  | { readonly kind: "wildcard"; readonly pattern: string }
  | { readonly kind: "regex"; readonly pattern: string }
  | { readonly kind: "range"; readonly low: Bound | undefined; readonly high: Bound | undefined };

export type Bound = { readonly text: string; readonly isInclusive: boolean };

/** A search that cannot be read, or asks for too much; the position counts UTF-16 units from 0. */
export class QueryInvalid extends Error {
  readonly position: number;
  readonly length: number;
  constructor(message: string, position: number, length: number) {
    super(message);
    this.position = position;
    this.length = length;
  }
}
