/** A format's YAML text → values with places. */
import { type Document, type Range, Scalar, visit } from "yaml";
import type { Diagnostic, Span } from "../../kernel/diagnostic.ts";
import { MAX_YAML_CHARS, YAML_TOO_LARGE } from "../../kernel/yaml-bounds.ts";
import { YamlText } from "../../yaml/tree.ts";
import type { SourceText, SourceValue } from "../contract/format-source.ts";
import { printValue } from "../values/print-value.ts";
import { resolveScalar } from "./scalars.ts";

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
  const yaml = new YamlText(file, text, MAX_DEPTH);
  const problem = (message: string, hint: string, offset: number, length: number): Diagnostic => {
    return { severity: "error", code: "yaml", message, hint, span: yaml.span(offset, length) };
  };
  const [document, second] = yaml.documents("failsafe");
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
  if (yaml.tooManyAt !== undefined) {
    diagnostics.push(problem(YAML_TOO_LARGE.message, YAML_TOO_LARGE.hint, yaml.tooManyAt, 1));
    return { root: undefined, diagnostics };
  }
  if (yaml.tooDeepAt !== undefined) {
    const message = `values are nested deeper than ${MAX_DEPTH} levels; what follows is left out`;
    diagnostics.push(problem(message, "close what is open", yaml.tooDeepAt, 1));
  }
  const root = document?.contents == null ? undefined : yaml.treeOf(document.contents, leavesOf(yaml, text));
  return { root: root?.kind === "scalar" && root.value === null ? undefined : root, diagnostics };
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

type Leaf = Extract<SourceValue, { kind: "text" | "scalar" }>;

function leavesOf(yaml: YamlText, file: string) {
  return {
    leafOf: (scalar: Scalar | undefined): Leaf => {
      if (scalar === undefined) {
        return { kind: "scalar", value: null, span: yaml.span(0, 1) };
      }
      const span = yaml.spanOf(scalar.range);
      // The library gives `<<` as a symbol of that name.
      const given: unknown = scalar.value;
      const written = typeof given === "symbol" ? (given.description ?? "") : String(given ?? "");
      const value = scalar.type === Scalar.PLAIN ? resolveScalar(written) : written;
      return typeof value === "string"
        ? { kind: "text", text: sourceText(yaml, file, value, scalar.range), span }
        : { kind: "scalar", value, span };
    },
    keyOf: (leaf: Leaf) => (leaf.kind === "text" ? leaf.text.text : printValue(leaf.value)),
  };
}

/** Places inside the text are found by the text itself, since folding and escapes move it about. */
function sourceText(yaml: YamlText, file: string, text: string, range: Range | null | undefined): SourceText {
  const start = range?.[0] ?? 0;
  const end = range?.[1] ?? start;
  const at = (offset: number, length: number): Span => {
    const written = file.slice(start, end);
    // How often the words at the place occur before it tells which of their occurrences in the file is meant.
    const words = text.slice(offset, offset + Math.max(1, length)).split("\n")[0] ?? "";
    if (words !== "") {
      const before = text.slice(0, offset + words.length).split(words).length - 2;
      let found = written.indexOf(words);
      for (let i = 0; i < before && found >= 0; i++) {
        found = written.indexOf(words, found + words.length);
      }
      if (found >= 0) {
        return yaml.span(start + found, words.length);
      }
    }
    return yaml.span(Math.min(start + offset, Math.max(start, end - 1)), 1);
  };
  return { text, at };
}
