/**
 * The part of the STIX pattern grammar that names values: `[type:path = 'v']`, `IN ('v', 'w')`, joined by OR.
 * Anything else is refused by name, for half an indicator would fire for the wrong events.
 */

export type PatternValue = { readonly path: string; readonly value: string };
export type PatternResult = { readonly values: readonly PatternValue[] } | { readonly refused: string };

const MAX_CHARS = 100_000;
const TOKEN =
  /\s*(?:(\[|\]|\(|\)|,|!=|>=|<=|=|>|<)|'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?)(?![\w.:-])|([a-zA-Z][\w-]*:(?:[\w.\-*[\]]|'[^'[\]]*'|"[^"[\]]*")+)|([A-Za-z]+))/y;

type Token = { readonly kind: "sign" | "text" | "path" | "word"; readonly text: string };

class Refused extends Error {}

export function parsePattern(pattern: string): PatternResult {
  if (pattern.length > MAX_CHARS) {
    return { refused: `a pattern longer than ${MAX_CHARS} characters` };
  }
  try {
    return { values: new PatternReader(tokensOf(pattern)).whole() };
  } catch (error) {
    if (error instanceof Refused) {
      return { refused: error.message };
    }
    throw error;
  }
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const text = pattern.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) {
      throw new Refused(`"${text.slice(at, at + 20).trim()}"`);
    }
    const [, sign, quoted, number, path, word] = found;
    if (sign !== undefined) {
      tokens.push({ kind: "sign", text: sign });
    } else if (quoted !== undefined || number !== undefined) {
      tokens.push({ kind: "text", text: quoted?.replaceAll(/\\(.)/gs, "$1") ?? number ?? "" });
    } else if (path !== undefined) {
      // `[a:b = 'c']`: a bracket that closes the comparison is not the path's.
      tokens.push({ kind: "path", text: path });
    } else {
      tokens.push({ kind: "word", text: word ?? "" });
    }
  }
  return tokens;
}

class PatternReader {
  readonly #tokens: readonly Token[];
  readonly #values: PatternValue[] = [];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): PatternValue[] {
    this.#observation();
    while (this.#position < this.#tokens.length) {
      this.#expectOr();
      this.#observation();
    }
    return this.#values;
  }

  #observation(): void {
    this.#expect("[");
    this.#comparison();
    while (!this.#takes("]")) {
      this.#expectOr();
      this.#comparison();
    }
  }

  #comparison(): void {
    const path = this.#next();
    if (path.kind !== "path") {
      throw new Refused(path.text === "(" ? "parentheses" : `"${path.text}" where a path belongs`);
    }
    const operator = this.#next();
    if (operator.text === "=") {
      this.#values.push({ path: path.text, value: this.#value() });
      return;
    }
    if (operator.text.toUpperCase() !== "IN") {
      throw new Refused(`the operator ${operator.text}`);
    }
    this.#expect("(");
    do {
      this.#values.push({ path: path.text, value: this.#value() });
    } while (this.#takes(","));
    this.#expect(")");
  }

  #value(): string {
    const token = this.#next();
    if (token.kind !== "text") {
      throw new Refused(`"${token.text}" where a value belongs`);
    }
    return token.text;
  }

  #expectOr(): void {
    const token = this.#next();
    if (token.text.toUpperCase() !== "OR") {
      throw new Refused(`the operator ${token.text}`);
    }
  }

  #expect(sign: string): void {
    const token = this.#next();
    if (token.kind !== "sign" || token.text !== sign) {
      throw new Refused(`"${token.text}" where ${sign} belongs`);
    }
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#position];
    if (token?.kind !== "sign" || token.text !== sign) {
      return false;
    }
    this.#position++;
    return true;
  }

  #next(): Token {
    const token = this.#tokens[this.#position++];
    if (token === undefined) {
      throw new Refused("an unfinished pattern");
    }
    return token;
  }
}
