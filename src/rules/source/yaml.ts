/** A rule file's YAML text → documents with places. */
import { type Document, Scalar } from "yaml";
import { MAX_YAML_CHARS, YAML_TOO_LARGE } from "../../kernel/yaml-bounds.ts";
import { MAX_YAML_NODES, YamlText } from "../../yaml/tree.ts";
import type { Diagnostic, Span } from "../contract.ts";
import type { SourceNode, Scalar as Value } from "../syntax.ts";

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
  const yaml = new YamlText(file, text, MAX_DEPTH);
  const problems: Diagnostic[] = [];
  const problem = (code: string, message: string, hint: string, offset: number, length = 1): void => {
    problems.push({ severity: "error", code, message, hint, span: yaml.span(offset, length) });
  };
  const documents: Document.Parsed[] = [];
  for (const document of yaml.documents("core")) {
    for (const { message, pos } of document.errors.slice(0, MAX_ERRORS)) {
      problem("yaml", message.split("\n")[0] ?? message, "quote texts that hold special characters", pos[0]);
    }
    documents.push(document);
  }
  if (yaml.tooManyAt !== undefined) {
    problem("too-large", YAML_TOO_LARGE.message, YAML_TOO_LARGE.hint, yaml.tooManyAt);
  }
  if (yaml.tooDeepAt !== undefined) {
    problem("too-deep", `values are nested deeper than ${MAX_DEPTH} levels`, "nest less", yaml.tooDeepAt);
  }
  if (documents.length > MAX_DOCUMENTS) {
    problem("too-many-documents", `the file holds more than ${MAX_DOCUMENTS} documents`, "use more files", 0);
  }
  if (problems.length > 0) {
    return { documents: [], comments: [], diagnostics: problems };
  }
  const leaves = leavesOf(yaml, text);
  const roots = documents.flatMap(({ contents }) =>
    contents === null ? [] : [yaml.treeOf(contents, leaves)],
  );
  for (const key of yaml.repeatedKeys.slice(0, MAX_ERRORS)) {
    const hint = "keep one of them";
    problems.push({ severity: "error", code: "yaml", message: "Map keys must be unique", hint, span: key });
  }
  if (problems.length > 0) {
    return { documents: [], comments: [], diagnostics: problems };
  }
  if (yaml.isExhausted) {
    problem(
      "too-large",
      `the file holds more than ${MAX_YAML_NODES} values`,
      "use less aliases, or more files",
      0,
    );
    return { documents: [], comments: [], diagnostics: problems };
  }
  const comments = yaml.comments.map((offset) => yaml.span(offset, 1));
  return { documents: roots.filter((root) => !isNull(root)), comments, diagnostics: [] };
}

function isNull(node: SourceNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

type Leaf = Extract<SourceNode, { kind: "scalar" }>;

function leavesOf(yaml: YamlText, file: string) {
  const leafOf = (scalar: Scalar | undefined): Leaf => {
    const { value, source, type, range } = scalar ?? { value: null };
    const isKnown = ["string", "number", "boolean"].includes(typeof value);
    const text = type === Scalar.PLAIN && source !== undefined ? source : String(value ?? "");
    const start = range?.[0] ?? 0;
    /** Quotes, escapes and folding move a text about, so the words at the place are looked for. */
    const at = (offset: number, length: number): Span => {
      const words = text.slice(offset, offset + Math.max(1, length));
      const quote = file[start] === '"' || file[start] === "'" ? 1 : 0;
      const from = start + offset + quote;
      const found = file.startsWith(words, from) ? from : file.indexOf(words, start);
      return yaml.span(found < 0 ? start : found, Math.max(1, length));
    };
    const known = isKnown ? (value as Value) : value === null ? null : text;
    return { kind: "scalar", value: known, text, span: yaml.spanOf(range), at };
  };
  return { leafOf, keyOf: ({ text }: Leaf) => text };
}
