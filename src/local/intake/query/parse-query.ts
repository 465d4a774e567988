import { type Query, QueryInvalid } from "./query.ts";
import { type Token, tokenize } from "./tokens.ts";

const MAX_DEPTH = 50;

/**
 * Parses the search language: `field:value`, quotes, `* ?`, `/re/`, `:>` `:>=` `:<` `:<=`, `:[X TO Y]`, `field:(a OR b)`,
 * AND OR NOT, parentheses, a bare word for any field. NOT binds tighter than AND, AND tighter than OR; terms side by
 * side are joined by AND. Empty finds all.
 * @throws QueryInvalid
 */
export function parseQuery(text: string): Query {
  const tokens = tokenize(text);
  if (tokens.length === 0) {
    return { kind: "all" };
  }
  const end = text.trimEnd().length;
  const parser = new Parser(tokens, end);
  const query = parser.either(undefined, 0);
  parser.expectEnd();
  return query;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #at = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) {
      throw new QueryInvalid(
        "A closing parenthesis has no opening one; remove it.",
        token.position,
        token.length,
      );
    }
  }

  either(field: string | undefined, depth: number): Query {
    const items = [this.#both(field, depth)];
    while (this.#take("OR")) {
      items.push(this.#both(field, depth));
    }
    return joined("or", items);
  }

  #both(field: string | undefined, depth: number): Query {
    const items = [this.#one(field, depth)];
    for (;;) {
      const kind = this.#tokens[this.#at]?.kind;
      if (kind === undefined || kind === "OR" || kind === ")") {
        return joined("and", items);
      }
      this.#take("AND");
      items.push(this.#one(field, depth));
    }
  }

  #one(field: string | undefined, depth: number): Query {
    const token = this.#tokens[this.#at++];
    if (depth > MAX_DEPTH) {
      throw new QueryInvalid(
        `Parentheses and NOT nest at most ${MAX_DEPTH} deep.`,
        token?.position ?? this.#end,
        1,
      );
    }
    switch (token?.kind) {
      case "NOT":
        return { kind: "not", item: this.#one(field, depth + 1) };
      case "(":
        return this.#group(token, field, depth);
      case "field":
        if (this.#tokens[this.#at]?.kind === "(") {
          return this.#one(token.name, depth + 1);
        }
        return this.#one(token.name, depth);
      case "match":
        return { kind: "term", field, match: token.match };
      default:
        throw new QueryInvalid(
          "A search term is missing here; write a word, or field:value.",
          token?.position ?? this.#end,
          token?.length ?? 0,
        );
    }
  }

  #group(opening: Token, field: string | undefined, depth: number): Query {
    const inner = this.either(field, depth + 1);
    if (!this.#take(")")) {
      throw new QueryInvalid("A parenthesis is not closed; add the closing one.", opening.position, 1);
    }
    return inner;
  }

  #take(kind: Token["kind"]): boolean {
    const isThere = this.#tokens[this.#at]?.kind === kind;
    if (isThere) {
      this.#at += 1;
    }
    return isThere;
  }
}

function joined(kind: "and" | "or", items: readonly Query[]): Query {
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind, items };
}
