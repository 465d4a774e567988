/** YAML text → trees with places, within bounds: what formats and rules read alike. */
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
  type Scalar,
} from "yaml";
import type { Span } from "../kernel/diagnostic.ts";
import { MAX_YAML_TOKENS } from "../kernel/yaml-bounds.ts";

/** Values of a file at most, those that aliases bring in among them; a few nested ones can stand for billions. */
export const MAX_YAML_NODES = 100_000;

export type Tree<Leaf> =
  | Leaf
  | { readonly kind: "list"; readonly items: readonly Tree<Leaf>[]; readonly span: Span }
  | { readonly kind: "map"; readonly entries: readonly TreeEntry<Leaf>[]; readonly span: Span };

export type TreeEntry<Leaf> = { readonly key: string; readonly keySpan: Span; readonly value: Tree<Leaf> };

type AnyLeaf = { readonly kind: "text" | "scalar"; readonly span: Span };

export type Leaves<Leaf> = {
  /** What a scalar is; undefined where a value is missing or beyond the bounds. */
  readonly leafOf: (scalar: Scalar | undefined) => Leaf;
  /** A scalar as a map's key. */
  readonly keyOf: (leaf: Leaf) => string;
};

/** A file's text and what was met while it was read. */
export class YamlText {
  /** The offset from which on the text is left out, since it is nested too deeply: composing takes the square of the depth. */
  tooDeepAt: number | undefined;
  /** Where it has more tokens than are read. */
  tooManyAt: number | undefined;
  /** There are more values than `MAX_YAML_NODES`, or aliases nest them too deeply. */
  isExhausted = false;
  /** Offsets of comments. */
  readonly comments: number[] = [];
  /** Keys that their map has already; the library compares each with each. */
  readonly repeatedKeys: Span[] = [];
  readonly #file: string;
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #lines = new LineCounter();
  #nodes = 0;

  constructor(file: string, text: string, maxDepth: number) {
    this.#file = file;
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  documents(schema: "core" | "failsafe"): Generator<Document.Parsed> {
    const composer = new Composer({ uniqueKeys: false, merge: true, schema });
    return composer.compose(this.#tokens(), false, this.#text.length) as Generator<Document.Parsed>;
  }

  *#tokens(): Generator<CST.Token> {
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
      // The document and the innermost value have their places on the stack too.
      if (parser.stack.length > this.#maxDepth + 2) {
        this.tooDeepAt = at;
        break;
      }
    }
    yield* parser.end();
  }

  span(offset: number, length: number): Span {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col), length };
  }

  /** The first line of what was written there. */
  spanOf(range: Range | null | undefined): Span {
    if (range == null) {
      return this.span(0, 1);
    }
    const written = this.#text.slice(range[0], range[1]);
    const newline = written.indexOf("\n");
    return this.span(range[0], Math.max(1, newline < 0 ? written.length : newline));
  }

  /** Of a repeated key the last value counts, at the first one's place; `<<: *base` brings in another map's entries. */
  treeOf<Leaf extends AnyLeaf>(root: Node, { leafOf, keyOf }: Leaves<Leaf>): Tree<Leaf> {
    /** What stands so far for each alias; a later anchor of the same name takes the place of an earlier one. */
    const anchors = new Map<string, Node>();
    const read = (node: unknown, depth: number): Tree<Leaf> => {
      if (depth > this.#maxDepth || ++this.#nodes > MAX_YAML_NODES) {
        this.isExhausted = true;
        return leafOf(undefined);
      }
      if (isAlias(node)) {
        return read(anchors.get(node.source), depth + 1);
      }
      if (isNode(node) && "anchor" in node && node.anchor !== undefined) {
        anchors.set(node.anchor, node);
      }
      if (isMap(node)) {
        this.#findRepeatedKeys(node.items.map(({ key }) => key));
        const entries = node.items.flatMap(({ key, value }) => entriesOf(key, value, depth));
        const ofKeys = new Map(entries.map((entry) => [entry.key, entry]));
        return { kind: "map", entries: [...ofKeys.values()], span: this.spanOf(node.range) };
      }
      if (isSeq(node)) {
        const items = node.items.map((item) => read(item, depth + 1));
        return { kind: "list", items, span: this.spanOf(node.range) };
      }
      return leafOf(isScalar(node) ? node : undefined);
    };
    const entriesOf = (key: unknown, value: unknown, depth: number): readonly TreeEntry<Leaf>[] => {
      const keyTree = read(key, depth + 1);
      const tree = read(value, depth + 1);
      if (keyTree.kind === "map" || keyTree.kind === "list") {
        return [];
      }
      const name = keyOf(keyTree);
      return name === "<<" && tree.kind === "map"
        ? tree.entries
        : [{ key: name, keySpan: keyTree.span, value: tree }];
    };
    return read(root, 0);
  }

  #findRepeatedKeys(keys: readonly unknown[]): void {
    const seen = new Set<unknown>();
    for (const key of keys) {
      // The library gives `<<` as a symbol; maps may be merged from several.
      if (!isScalar(key) || typeof key.value === "symbol") {
        continue;
      }
      if (seen.has(key.value)) {
        this.repeatedKeys.push(this.spanOf(key.range));
      }
      seen.add(key.value);
    }
  }
}
