import type { Alternation, PatternNode } from "./pattern-tree.ts";

export type EmittedPattern = {
  /** RE2 syntax; every capture is a plain `(…)`, since RE2 wants unique names of letters. */
  readonly source: string;
  /** For each capture of `source`, in order, its index in the whole pattern. */
  readonly captures: readonly number[];
};

/** Writes a part of a pattern for re2js. */
export function emitPattern(root: Alternation): EmittedPattern {
  const captures: number[] = [];
  const alternation = (branches: Alternation): string =>
    branches.map((branch) => branch.map(node).join("")).join("|");
  const node = (item: PatternNode): string => {
    switch (item.kind) {
      case "literal":
        return quote(item.text);
      case "atom":
      case "assertion":
        return item.source;
      case "flags":
        return `(?${item.flags})`;
      case "repeat":
        return `${single(item.body)}${item.source}`;
      case "group":
        if (item.capture === null) {
          return `(?${item.flags}:${alternation(item.body)})`;
        }
        captures.push(item.capture);
        return `(${alternation(item.body)})`;
    }
  };
  const single = (item: PatternNode): string => (item.kind === "repeat" ? `(?:${node(item)})` : node(item));
  return { source: alternation(root), captures };
}

function quote(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** Instructions that re2js will need, about; counted repeats are unrolled. */
export function estimateSize(root: Alternation): number {
  /** A pattern that is referred to stands in the tree as often. */
  const known = new Map<Alternation, number>();
  const sizeOf = (branches: Alternation): number => {
    let size = known.get(branches);
    if (size === undefined) {
      size = 0;
      for (const branch of branches) {
        size++;
        for (const item of branch) {
          size += node(item);
        }
      }
      known.set(branches, size);
    }
    return size;
  };
  const node = (item: PatternNode): number => {
    switch (item.kind) {
      case "literal":
        return item.text.length;
      case "atom":
      case "assertion":
        return 1;
      case "flags":
        return 0;
      case "group":
        return sizeOf(item.body) + 2;
      case "repeat":
        return node(item.body) * (Number.isFinite(item.max) ? item.max : Math.max(item.min, 1)) + 1;
    }
  };
  return sizeOf(root);
}
