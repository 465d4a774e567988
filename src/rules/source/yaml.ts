/** YAML text → documents with places. */
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
} from "yaml";
import { MAX_YAML_CHARS, MAX_YAML_TOKENS, YAML_TOO_LARGE } from "../../kernel/yaml-bounds.ts";
import type { Diagnostic, Span } from "../contract.ts";
import type { SourceEntry, SourceNode, Scalar as Value } from "../syntax.ts";

/** Values of a file at most, those that aliases bring in among them; a few nested ones can stand for billions. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 40;
const MAX_DOCUMENTS = 1_000;
/** A file that is not YAML has an error at each character. */
const MAX_ERRORS = 20;

export type YamlFile = {
  readonly documents: readonly SourceNode[];
  /** Where comments begin. */
  readonly comments: readonly Span[];
  readonly diagnostics: readonly Diagnostic[];
};

/** @returns No documents if the text is not YAML: half a rule would fire for the wrong events. */
export function readYaml(file: string, text: string): YamlFile {
  if (text.length > MAX_YAML_CHARS) {
    const span = { file, line: 1, column: 1, length: 1 };
    const diagnostics: Diagnostic[] = [{ severity: "error", code: "too-large", ...YAML_TOO_LARGE, span }];
    return { documents: [], comments: [], diagnostics };
  }
  const lines = new LineCounter();
  const reader = new NodeReader(file, text, lines);
  const tokens = new Tokens(text, lines);
  const problems: Diagnostic[] = [];
  const problem = (code: string, message: string, hint: string, offset: number, length = 1): void => {
    problems.push({ severity: "error", code, message, hint, span: reader.span(offset, length) });
  };
  const composer = new Composer({ uniqueKeys: false, version: "1.2", merge: true, intAsBigInt: false });
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(tokens.read(), false, text.length)) {
    for (const { message, pos } of document.errors.slice(0, MAX_ERRORS)) {
      problem("yaml", message.split("\n")[0] ?? message, "quote texts that hold special characters", pos[0]);
    }
    documents.push(document);
  }
  if (tokens.tooManyAt !== undefined) {
    problem("too-large", YAML_TOO_LARGE.message, YAML_TOO_LARGE.hint, tokens.tooManyAt);
  }
  if (tokens.tooDeepAt !== undefined) {
    problem("too-deep", `values are nested deeper than ${MAX_DEPTH} levels`, "nest less", tokens.tooDeepAt);
  }
  if (documents.length > MAX_DOCUMENTS) {
    problem("too-many-documents", `the file holds more than ${MAX_DOCUMENTS} documents`, "use more files", 0);
  }
  if (problems.length > 0) {
    return { documents: [], comments: [], diagnostics: problems };
  }
  const roots = documents.flatMap(({ contents }) => (contents === null ? [] : [reader.read(contents, 0)]));
  for (const key of reader.repeatedKeys.slice(0, MAX_ERRORS)) {
    const hint = "keep one of them";
    problems.push({ severity: "error", code: "yaml", message: "Map keys must be unique", hint, span: key });
  }
  if (problems.length > 0) {
    return { documents: [], comments: [], diagnostics: problems };
  }
  if (reader.isExhausted) {
    problem(
      "too-large",
      `the file holds more than ${MAX_NODES} values`,
      "use less aliases, or more files",
      0,
    );
    return { documents: [], comments: [], diagnostics: problems };
  }
  const comments = tokens.comments.map((offset) => reader.span(offset, 1));
  return { documents: roots.filter((root) => !isNull(root)), comments, diagnostics: [] };
}

function isNull(node: SourceNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** The library's tokens, up to where the text is nested too deeply: composing takes the square of the depth. */
class Tokens {
  tooDeepAt: number | undefined;
  tooManyAt: number | undefined;
  readonly comments: number[] = [];
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
      const at = parser.offset;
      if (++count > MAX_YAML_TOKENS) {
        this.tooManyAt = at;
        return;
      }
      if (lexeme.startsWith("#") && parser.stack.at(-1)?.type !== "block-scalar") {
        this.comments.push(at);
      }
      yield* parser.next(lexeme);
      if (parser.stack.length > MAX_DEPTH) {
        this.tooDeepAt = at;
        return;
      }
    }
    yield* parser.end();
  }
}

class NodeReader {
  isExhausted = false;
  /** Where keys stand that their map has already; the library compares each with each. */
  readonly repeatedKeys: Span[] = [];
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
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

  read(node: unknown, depth: number): SourceNode {
    if (depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) {
      this.isExhausted = true;
      return this.#scalar(null, "", null);
    }
    if (isAlias(node)) {
      return this.read(this.#anchors.get(node.source), depth + 1);
    }
    if (isNode(node) && "anchor" in node && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, node);
    }
    if (isMap(node)) {
      this.#findRepeatedKeys(node.items.map(({ key }) => key));
      const entries = node.items.flatMap((pair) => this.#entry(pair.key, pair.value, depth));
      const ofKeys = new Map(entries.map((entry) => [entry.key, entry]));
      return { kind: "map", entries: [...ofKeys.values()], span: this.#spanOf(node.range) };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item, depth + 1));
      return { kind: "list", items, span: this.#spanOf(node.range) };
    }
    if (!isScalar(node)) {
      return this.#scalar(null, "", null);
    }
    const { value, source, type } = node;
    const isPlain = type === Scalar.PLAIN;
    const isKnown = ["string", "number", "boolean"].includes(typeof value);
    const written = isPlain && source !== undefined ? source : String(value ?? "");
    return this.#scalar(isKnown ? (value as Value) : value === null ? null : written, written, node.range);
  }

  #findRepeatedKeys(keys: readonly unknown[]): void {
    const seen = new Set<unknown>();
    for (const key of keys) {
      // The library gives `<<` as a symbol; maps may be merged from several.
      if (!isScalar(key) || typeof key.value === "symbol") {
        continue;
      }
      if (seen.has(key.value)) {
        this.repeatedKeys.push(this.#spanOf(key.range));
      }
      seen.add(key.value);
    }
  }

  #scalar(value: Value, text: string, range: Range | null | undefined): SourceNode {
    const span = range == null ? this.span(0, 1) : this.#spanOf(range);
    const start = range?.[0] ?? 0;
    return {
      kind: "scalar",
      value,
      text,
      span,
      at: (offset, length) => this.#locate(start, text, offset, length),
    };
  }

  /** `<<: *base` brings in the entries of another map. */
  #entry(key: unknown, value: unknown, depth: number): SourceEntry[] {
    const keyNode = this.read(key, depth + 1);
    const node = this.read(value, depth + 1);
    if (keyNode.kind !== "scalar") {
      return [];
    }
    if (keyNode.text === "<<" && node.kind === "map") {
      return [...node.entries];
    }
    return [{ key: keyNode.text, keySpan: keyNode.span, value: node }];
  }

  #spanOf(range: Range | null | undefined): Span {
    if (range == null) {
      return this.span(0, 1);
    }
    const written = this.#text.slice(range[0], range[1]);
    const newline = written.indexOf("\n");
    return this.span(range[0], Math.max(1, newline < 0 ? written.length : newline));
  }

  /** Quotes, escapes and folding move a text about, so the words at the place are looked for. */
  #locate(start: number, text: string, offset: number, length: number): Span {
    const words = text.slice(offset, offset + Math.max(1, length));
    const quote = this.#text[start] === '"' || this.#text[start] === "'" ? 1 : 0;
    const from = start + offset + quote;
    const found = this.#text.startsWith(words, from) ? from : this.#text.indexOf(words, start);
    return this.span(found < 0 ? start : found, Math.max(1, length));
  }
}
