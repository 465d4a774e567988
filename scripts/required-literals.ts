import { type PatternNode, parsePattern, type Sequence } from "../src/ecs/regex/pattern-tree.ts";

/**
 * What the texts that a pattern matches have in common: of each list they hold at least one text, in lower case. Looking
 * for these spares most patterns a run.
 * @returns Empty when the pattern promises no text.
 */
export function requiredLiteralsOf(pattern: string): readonly (readonly string[])[] {
  const { root } = parsePattern(pattern, { keepUnnamed: true, maxChars: pattern.length });
  const [only, second] = root;
  const lists = only !== undefined && second === undefined ? listsOf(only) : [bestOf(root)];
  const distinct = new Map(lists.map((list) => [list.join("\n"), list]));
  return [...distinct.values()].filter((list) => worth(list) > 2);
}

/** The lists of a sequence, all of which hold. */
function listsOf(sequence: Sequence): (readonly string[])[] {
  const lists: (readonly string[])[] = [];
  let run = "";
  for (const node of [...sequence, undefined]) {
    const letters = node === undefined ? undefined : lettersOf(node);
    if (letters !== undefined) {
      run += letters;
      continue;
    }
    if (run !== "") {
      lists.push([run]);
    }
    run = "";
    if (node !== undefined) {
      lists.push(...listsBelow(node));
    }
  }
  return lists;
}

function listsBelow(node: PatternNode): (readonly string[])[] {
  if (node.kind === "repeat") {
    return node.min > 0 ? listsOf([node.body]) : [];
  }
  if (node.kind !== "group") {
    return [];
  }
  const [only, second] = node.body;
  return only !== undefined && second === undefined ? listsOf(only) : [bestOf(node.body)];
}

/** The best list of each branch, together, since any branch may be the one that matches. */
function bestOf(branches: readonly Sequence[]): readonly string[] {
  const texts = new Set<string>();
  for (const branch of branches) {
    const best = listsOf(branch).reduce<readonly string[]>(
      (left, right) => (worth(right) > worth(left) ? right : left),
      [],
    );
    if (best.length === 0) {
      return [];
    }
    for (const text of best) {
      texts.add(text);
    }
  }
  return [...texts];
}

/** A literal, or a class of one letter in both cases, such as `[Ss]`. */
function lettersOf(node: PatternNode): string | undefined {
  if (node.kind === "literal") {
    return node.text.toLowerCase();
  }
  const [, first, second] = (node.kind === "atom" && /^\[(\w)(\w)\]$/.exec(node.source)) || [];
  return first?.toLowerCase() === second?.toLowerCase() ? first?.toLowerCase() : undefined;
}

/** Long texts are rare ones, and few are sooner looked for. */
function worth(texts: readonly string[]): number {
  return texts.length === 0 ? 0 : Math.min(...texts.map((text) => text.length)) + 1 / texts.length;
}
