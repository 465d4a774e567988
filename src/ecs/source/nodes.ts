/** YAML text → values with places. The only user of the YAML library. */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type Range,
  Scalar,
  visit,
} from "yaml";
import type { Diagnostic, Span } from "../../kernel/diagnostic.ts";
import { MAX_YAML_CHARS, MAX_YAML_TOKENS, YAML_TOO_LARGE } from "../../kernel/yaml-bounds.ts";
import type { SourceEntry, SourceText, SourceValue } from "../contract/format-source.ts";
import { printValue } from "../values/print-value.ts";
import { resolveScalar } from "./scalars.ts";

/** Values that aliases may bring in at most; a few nested ones can stand for billions. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 64;
/** A file that is not YAML has an error at each character. */
const MAX_ERRORS = 100;

/** What most often is the reason, by the library's code. */
const YAML_HINTS: Readonly<Record<string, string>> = {
  BAD_INDENT: "indent all lines of a list or map alike, with blanks",
  TAB_AS_INDENT: "indent with blanks",
  MISSING_CHAR: "close the quote or the bracket, or write the missing sign",
  MULTILINE_IMPLICIT_KEY: "a key and its colon stand on one line; close the quotes before it",
  BLOCK_AS_IMPLICIT_KEY: "quote a text that holds a colon and a blank",
  UNEXPECTED_TOKEN: "quote a text that begins with {, [, %, & or *",
};

/** @returns The root value, undefined for an empty file or one whose structure YAML cannot make out. */
export function readYaml(
  file: string,
  text: string,
): { root: SourceValue | undefined; diagnostics: Diagnostic[] } {
  if (text.length > MAX_YAML_CHARS) {
    const span = { file, line: 1, column: 1, length: 1 };
    return { root: undefined, diagnostics: [{ severity: "error", code: "yaml", ...YAML_TOO_LARGE, span }] };
  }
  const lines = new LineCounter();
  const reader = new NodeReader(file, text, lines);
  const problem = (message: string, hint: string, offset: number, length: number): Diagnostic => {
    return { severity: "error", code: "yaml", message, hint, span: reader.span(offset, length) };
  };
  const tokens = new YamlTokens(text, lines);
  const composer = new Composer({ uniqueKeys: false, schema: "failsafe", merge: true });
  const [document, second] = composer.compose(tokens.read(), true, text.length);
  const diagnostics = (document?.errors ?? [])
    .slice(0, MAX_ERRORS)
    .map(({ code, message, pos: [start, end] }) => {
      const opening = code === "MISSING_CHAR" ? openingQuote(document, start) : undefined;
      const hint = YAML_HINTS[code] ?? "quote a text that is not plain words";
      return problem(message, hint, opening ?? start, Math.max(1, end - start));
    });
  if (second !== undefined) {
    diagnostics.push(problem("the file holds several documents", "keep the first one", second.range[0], 1));
  }
  if (tokens.tooManyAt !== undefined) {
    diagnostics.push(problem(YAML_TOO_LARGE.message, YAML_TOO_LARGE.hint, tokens.tooManyAt, 1));
    return { root: undefined, diagnostics };
  }
  if (tokens.tooDeepAt !== undefined) {
    const message = `values are nested deeper than ${MAX_DEPTH} levels; what follows is left out`;
    diagnostics.push(problem(message, "close what is open", tokens.tooDeepAt, 1));
  }
  const root = document?.contents == null ? undefined : reader.read(document.contents, 0);
  return { root: root?.kind === "scalar" && root.value === null ? undefined : root, diagnostics };
}

/** The library's tokens of a text, up to where it is nested too deeply: composing takes the square of the depth. */
class YamlTokens {
  /** The offset from which on the text is left out. */
  tooDeepAt: number | undefined;
  /** Where it has more tokens than are read. */
  tooManyAt: number | undefined;
  readonly #text: string;
  readonly #lines: LineCounter;

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  *read(): Generator<CST.Token> {
    const parser = new Parser(this.#lines.addNewLine);
    this.#lines.addNewLine(0);
    let count = 0;
    for (const lexeme of new Lexer().lex(this.#text)) {
      if (++count > MAX_YAML_TOKENS) {
        this.tooManyAt = parser.offset;
        return;
      }
      yield* parser.next(lexeme);
      // The document and the innermost value have their places on the stack too.
      if (parser.stack.length > MAX_DEPTH + 2) {
        this.tooDeepAt = parser.offset - lexeme.length;
        break;
      }
    }
    yield* parser.end();
  }
}

/** Where the quoted text begins that runs up to the place: a quote that is never closed is reported at the file's end. */
function openingQuote(document: Document | undefined, offset: number): number | undefined {
  let opening: number | undefined;
  visit(document ?? null, {
    Scalar(_key, { type, range }) {
      const isQuoted = type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE;
      if (isQuoted && range && range[0] < offset && range[1] >= offset) {
        opening = range[0];
      }
    },
  });
  return opening;
}

class NodeReader {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  /** What stands so far for each alias; a later anchor of the same name takes the place of an earlier one. */
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;

  constructor(file: string, text: string, lines: LineCounter) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
  }

  span(offset: number, length: number): Span {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col), length };
  }

  read(node: unknown, depth: number): SourceValue {
    if (depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) {
      return { kind: "scalar", value: null, span: this.span(0, 1) };
    }
    if (isAlias(node)) {
      return this.read(this.#anchors.get(node.source), depth + 1);
    }
    if (isNode(node) && "anchor" in node && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, node);
    }
    if (isMap(node)) {
      const entries = node.items.flatMap((pair) => this.#entry(pair.key, pair.value, depth));
      return { kind: "map", entries: lastOfEach(entries), span: this.#spanOf(node.range) };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item, depth + 1));
      return { kind: "list", items, span: this.#spanOf(node.range) };
    }
    if (!isScalar(node)) {
      return { kind: "scalar", value: null, span: this.span(0, 1) };
    }
    const span = this.#spanOf(node.range);
    // The library gives `<<` as a symbol of that name.
    const scalar: unknown = node.value;
    const written = typeof scalar === "symbol" ? (scalar.description ?? "") : String(scalar ?? "");
    const value = node.type === Scalar.PLAIN ? resolveScalar(written) : written;
    return typeof value === "string"
      ? { kind: "text", text: this.#sourceText(value, node.range), span }
      : { kind: "scalar", value, span };
  }

  /** `<<: *base` brings in the entries of another map. */
  #entry(key: unknown, value: unknown, depth: number): SourceEntry[] {
    const keyValue = this.read(key, depth + 1);
    const entryValue = this.read(value, depth + 1);
    if (keyValue.kind === "text" && keyValue.text.text === "<<" && entryValue.kind === "map") {
      return [...entryValue.entries];
    }
    if (keyValue.kind !== "text" && keyValue.kind !== "scalar") {
      return [];
    }
    const name = keyValue.kind === "text" ? keyValue.text.text : printValue(keyValue.value);
    return [{ key: name, keySpan: keyValue.span, value: entryValue }];
  }

  #spanOf(range: Range | null | undefined): Span {
    if (range === null || range === undefined) {
      return this.span(0, 1);
    }
    const written = this.#text.slice(range[0], range[1]);
    const newline = written.indexOf("\n");
    return this.span(range[0], Math.max(1, newline < 0 ? written.length : newline));
  }

  /** Places inside the text are found by the text itself, since folding and escapes move it about. */
  #sourceText(text: string, range: Range | null | undefined): SourceText {
    const start = range?.[0] ?? 0;
    const end = range?.[1] ?? start;
    return {
      text,
      at: (offset, length) => this.#locate(text, start, end, offset, length),
    };
  }

  #locate(text: string, start: number, end: number, offset: number, length: number): Span {
    const written = this.#text.slice(start, end);
    // How often the words at the place occur before it tells which of their occurrences in the file is meant.
    const needle = text.slice(offset, offset + Math.max(1, length)).split("\n")[0] ?? "";
    if (needle !== "") {
      const before = text.slice(0, offset + needle.length).split(needle).length - 2;
      let found = written.indexOf(needle);
      for (let i = 0; i < before && found >= 0; i++) {
        found = written.indexOf(needle, found + needle.length);
      }
      if (found >= 0) {
        return this.span(start + found, needle.length);
      }
    }
    return this.span(Math.min(start + offset, Math.max(start, end - 1)), 1);
  }
}

/** Of a repeated key the last value counts, at the first one's place. */
function lastOfEach(entries: readonly SourceEntry[]): SourceEntry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}
