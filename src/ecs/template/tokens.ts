/** A reading head over a template's tokens. */
import type { Position } from "../contract/template-tree.ts";
import { TemplateSyntaxError, type Token } from "./lexer.ts";

const MAX_NESTING = 64;

export class Tokens {
  readonly #tokens: readonly Token[];
  #next = 0;
  #nesting = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#at(this.#next);
  }

  get following(): Token {
    return this.#at(this.#next + 1);
  }

  /** The tokens end with `eof`, and reading beyond it gives it again. */
  #at(index: number): Token {
    const token = this.#tokens[Math.min(index, this.#tokens.length - 1)];
    if (token === undefined) {
      throw new RangeError("a template's tokens end with eof");
    }
    return token;
  }

  take(): Token {
    const token = this.current;
    this.#next++;
    return token;
  }

  isOperator(text: string): boolean {
    return this.current.kind === "operator" && this.current.text === text;
  }

  isName(text: string): boolean {
    return this.current.kind === "name" && this.current.text === text;
  }

  /** Takes the operator if it is next. */
  skipOperator(text: string): boolean {
    const found = this.isOperator(text);
    if (found) {
      this.#next++;
    }
    return found;
  }

  /** Takes the word if it is next. */
  skipName(text: string): boolean {
    const found = this.isName(text);
    if (found) {
      this.#next++;
    }
    return found;
  }

  expectOperator(text: string): Token {
    if (!this.isOperator(text)) {
      throw this.unexpected(`"${text}"`);
    }
    return this.take();
  }

  expectName(what: string): Token {
    if (this.current.kind !== "name") {
      throw this.unexpected(what);
    }
    return this.take();
  }

  expectEnd(): void {
    if (this.current.kind !== "end") {
      throw this.unexpected("the end of the expression");
    }
    this.#next++;
  }

  /** The position from a start to the last token taken. */
  since(start: Position): Position {
    const last = this.#at(this.#next - 1).at;
    return { offset: start.offset, length: last.offset + last.length - start.offset };
  }

  /** Runs a step of the parser one level deeper; hostile templates must not exhaust the stack. */
  nested<T>(step: () => T): T {
    if (++this.#nesting > MAX_NESTING) {
      throw new TemplateSyntaxError(
        `the template is nested deeper than ${MAX_NESTING} levels`,
        this.current.at,
        "make several stages of it",
      );
    }
    const result = step();
    this.#nesting--;
    return result;
  }

  unexpected(wanted: string): TemplateSyntaxError {
    const { kind, text, at } = this.current;
    const found = kind === "eof" ? "the template ends" : `"${text}" stands`;
    const hint =
      kind === "eof"
        ? "each if ends with endif, and each for with endfor"
        : "an expression looks like {{ stage.message.field | lower }}";
    return new TemplateSyntaxError(`${found} where ${wanted} was expected`, at, hint);
  }
}
