/** YAML text → values with places. The only user of the YAML library. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Range,
  Scalar,
} from "yaml";
import type { Diagnostic, Span } from "../contract.ts";
import type { SourceEntry, SourceText, SourceValue } from "../syntax.ts";
import { printValue } from "../values/text.ts";
import { resolveScalar } from "./scalars.ts";

/** Values that aliases may bring in at most; a few nested ones can stand for billions. */
const MAX_NODES = 500_000;
const MAX_DEPTH = 64;

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
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    schema: "failsafe",
    merge: true,
  });
  const reader = new NodeReader(file, text, lines, document);
  const diagnostics: Diagnostic[] = document.errors.map((error) => ({
    severity: "error",
    code: "yaml",
    message: firstLine(error.message),
    hint: YAML_HINTS[error.code] ?? "quote a text that is not plain words",
    span: reader.span(error.pos[0], Math.max(1, error.pos[1] - error.pos[0])),
  }));
  const root = document.contents === null ? undefined : reader.read(document.contents, 0);
  return { root: root?.kind === "scalar" && root.value === null ? undefined : root, diagnostics };
}

/** The library repeats the place, which the diagnostic has already. */
function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/ at line \d+, column \d+:?$/, "");
}

class NodeReader {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #document: Document;
  #nodes = 0;

  constructor(file: string, text: string, lines: LineCounter, document: Document) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
    this.#document = document;
  }

  span(offset: number, length: number): Span {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col), length };
  }

  read(node: unknown, depth: number): SourceValue {
    if (depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) {
      return { kind: "scalar", value: null, span: this.span(0, 1) };
    }
    if (isAlias(node)) return this.read(node.resolve(this.#document), depth + 1);
    if (isMap(node)) {
      const entries = node.items.flatMap((pair) => this.#entry(pair.key, pair.value, depth));
      return { kind: "map", entries: lastOfEach(entries), span: this.#spanOf(node.range) };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item, depth + 1));
      return { kind: "list", items, span: this.#spanOf(node.range) };
    }
    if (!isScalar(node)) return { kind: "scalar", value: null, span: this.span(0, 1) };
    const span = this.#spanOf(node.range);
    const written = String(node.value ?? "");
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
    if (keyValue.kind !== "text" && keyValue.kind !== "scalar") return [];
    const name = keyValue.kind === "text" ? keyValue.text.text : printValue(keyValue.value);
    return [{ key: name, keySpan: keyValue.span, value: entryValue }];
  }

  #spanOf(range: Range | null | undefined): Span {
    if (range === null || range === undefined) return this.span(0, 1);
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
      for (let i = 0; i < before && found >= 0; i++) found = written.indexOf(needle, found + needle.length);
      if (found >= 0) return this.span(start + found, needle.length);
    }
    return this.span(Math.min(start + offset, Math.max(start, end - 1)), 1);
  }
}

/** Of a repeated key the last value counts, at the first one's place. */
function lastOfEach(entries: readonly SourceEntry[]): SourceEntry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}
