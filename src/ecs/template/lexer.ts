/** Cuts a template into text and tokens, as Jinja does (https://jinja.palletsprojects.com/en/stable/templates/). */
import type { Position } from "../contract/template-tree.ts";
import { decodeString } from "./strings.ts";

export type TokenKind =
  | "text"
  | "name"
  | "integer"
  | "float"
  | "string"
  | "operator"
  | "begin"
  | "end"
  | "eof";

export type Token = {
  readonly kind: TokenKind;
  /** The text as written; of a string its decoded content; of begin and end `{{`, `{%`, `}}` or `%}`. */
  readonly text: string;
  readonly at: Position;
};

/** The text is not a valid template. Thrown inside this room only. */
export class TemplateSyntaxError extends Error {
  override readonly name = "TemplateSyntaxError";
  readonly at: Position;
  readonly hint: string;
  constructor(message: string, at: Position, hint: string) {
    super(message);
    this.at = at;
    this.hint = hint;
  }
}

const OPENING = /\{\{|\{%|\{#/g;
const RAW = /\{%[-+]?\s*raw\s*([-+]?)%\}/y;
const RAW_END = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
const SPACE = /\s+/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const FLOAT = /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?|[eE][+-]?\d+(?:_\d+)*)/y;
const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const STRING = /'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const OPERATOR = /\*\*|\/\/|==|!=|<=|>=|[-+*/%~<>=()[\]{}.:,|]/y;

const PAIRS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * @returns All tokens, with an `eof` at the end; `text` tokens hold what stands outside of `{{ }}` and `{% %}`.
 * @throws TemplateSyntaxError
 */
export function tokenize(source: string): Token[] {
  const lexer = new Lexer(source);
  lexer.run();
  return lexer.tokens;
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly #source: string;
  #offset = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): void {
    // One newline at the very end is not part of a template.
    const end = this.#source.endsWith("\n") ? this.#source.length - 1 : this.#source.length;
    let trimLeft = false;
    while (this.#offset < end) {
      OPENING.lastIndex = this.#offset;
      const opening = OPENING.exec(this.#source);
      const textEnd = opening === null ? end : Math.min(opening.index, end);
      const control = opening === null ? "" : this.#source.charAt(opening.index + 2);
      this.#text(textEnd, trimLeft, control === "-");
      if (opening === null || textEnd === end) {
        break;
      }
      RAW.lastIndex = opening.index;
      const raw = RAW.exec(this.#source);
      if (raw !== null) {
        trimLeft = this.#raw(raw);
        continue;
      }
      this.#offset = opening.index + 2 + (control === "-" || control === "+" ? 1 : 0);
      trimLeft = opening[0] === "{#" ? this.#comment(opening.index) : this.#inside(opening[0], opening.index);
    }
    this.tokens.push({ kind: "eof", text: "", at: { offset: this.#source.length, length: 1 } });
  }

  /** `{% raw %}…{% endraw %}`: text as it stands. @returns Whether the white space behind is to be dropped. */
  #raw({ 0: opening, index, 1: trim }: RegExpExecArray): boolean {
    this.#offset = index + opening.length;
    RAW_END.lastIndex = this.#offset;
    const closing = RAW_END.exec(this.#source);
    if (closing === null) {
      const at = { offset: index, length: opening.length };
      throw new TemplateSyntaxError("a raw block is not closed", at, "close it with {% endraw %}");
    }
    this.#text(closing.index, trim === "-", closing[1] === "-");
    this.#offset = closing.index + closing[0].length;
    return closing[2] === "-";
  }

  #text(end: number, trimLeft: boolean, trimRight: boolean): void {
    const start = this.#offset;
    let text = this.#source.slice(start, end);
    if (trimLeft) {
      text = text.trimStart();
    }
    if (trimRight) {
      text = text.trimEnd();
    }
    if (text !== "") {
      this.tokens.push({ kind: "text", text, at: { offset: start, length: end - start } });
    }
    this.#offset = end;
  }

  /** @returns Whether the white space behind is to be dropped. */
  #comment(start: number): boolean {
    const end = this.#source.indexOf("#}", this.#offset);
    if (end < 0) {
      throw new TemplateSyntaxError(
        "a comment is not closed",
        { offset: start, length: 2 },
        "close it with #}",
      );
    }
    this.#offset = end + 2;
    return this.#source.charAt(end - 1) === "-";
  }

  /** The tokens of one `{{ … }}` or `{% … %}`. */
  #inside(opening: string, start: number): boolean {
    const closing = opening === "{{" ? "}}" : "%}";
    this.tokens.push({ kind: "begin", text: opening, at: { offset: start, length: 2 } });
    const brackets: Token[] = [];
    for (;;) {
      this.#take(SPACE);
      const offset = this.#offset;
      if (offset >= this.#source.length) {
        throw new TemplateSyntaxError(
          `"${opening}" is not closed`,
          { offset: start, length: 2 },
          `close it with ${closing}`,
        );
      }
      // Inside of brackets the closing mark is two closing brackets, as in {{ {'a': {}} }}.
      if (brackets.length === 0) {
        const trim = "-+".includes(this.#source.charAt(offset)) ? 1 : 0;
        if (this.#source.startsWith(closing, offset + trim)) {
          this.tokens.push({ kind: "end", text: closing, at: { offset, length: trim + 2 } });
          this.#offset = offset + trim + 2;
          return trim === 1 && this.#source.charAt(offset) === "-";
        }
      }
      const token = this.#token();
      this.tokens.push(token);
      if (token.kind === "operator") {
        balance(token, brackets);
      }
    }
  }

  #token(): Token {
    const offset = this.#offset;
    const kinds: readonly [RegExp, TokenKind][] = [
      [NAME, "name"],
      [FLOAT, "float"],
      [INTEGER, "integer"],
      [STRING, "string"],
      [OPERATOR, "operator"],
    ];
    for (const [pattern, kind] of kinds) {
      // In `a.0.1` the numbers are attributes, and no float.
      if (kind === "float" && this.#source.charAt(offset - 1) === ".") {
        continue;
      }
      const text = this.#take(pattern);
      if (text === undefined) {
        continue;
      }
      const at = { offset, length: text.length };
      return { kind, text: kind === "string" ? decodeString(text) : text, at };
    }
    const character = this.#source.charAt(offset);
    const open = character === "'" || character === '"';
    throw new TemplateSyntaxError(
      open ? "a quoted text is not closed" : `"${character}" means nothing in an expression`,
      { offset, length: 1 },
      open ? `close it with ${character}` : "put text between quotes",
    );
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const text = pattern.exec(this.#source)?.[0];
    if (text !== undefined) {
      this.#offset += text.length;
    }
    return text;
  }
}

function balance(token: Token, brackets: Token[]): void {
  if (PAIRS[token.text] !== undefined) {
    brackets.push(token);
    return;
  }
  if (!")]}".includes(token.text)) {
    return;
  }
  const open = brackets.pop();
  const wanted = open === undefined ? undefined : PAIRS[open.text];
  if (wanted === token.text) {
    return;
  }
  throw new TemplateSyntaxError(
    `"${token.text}" closes nothing`,
    token.at,
    wanted === undefined ? "open a bracket before it, or leave it out" : `"${wanted}" was expected`,
  );
}
