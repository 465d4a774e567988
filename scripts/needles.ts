import { type PatternNode, parsePattern, type Sequence } from "../src/ecs/regex/syntax.ts";

/**
 * Texts of which every match of a pattern holds at least one, in lower case; looking for them spares most patterns a run.
 * @returns Empty when the pattern promises no text.
 */
export function needlesOf(pattern: string): readonly string[] {
  return bestOfBranches(parsePattern(pattern, true).root);
}

/** The texts of all branches together, since any branch may be the one that matches. */
function bestOfBranches(branches: readonly Sequence[]): readonly string[] {
  const texts: string[] = [];
  for (const branch of branches) {
    const best = bestOfSequence(branch);
    if (best.length === 0) {
      return [];
    }
    texts.push(...best);
  }
  return [...new Set(texts)];
}

function bestOfSequence(sequence: Sequence): readonly string[] {
  let best: readonly string[] = [];
  let run = "";
  for (const node of sequence) {
    const letters = lettersOf(node);
    run = letters === undefined ? "" : run + letters;
    for (const texts of [run === "" ? [] : [run], textsBelow(node)]) {
      best = worth(texts) > worth(best) ? texts : best;
    }
  }
  return best;
}

/** A literal, or a class of one letter in both cases, such as `[Ss]`. */
function lettersOf(node: PatternNode): string | undefined {
  if (node.kind === "literal") {
    return node.text.toLowerCase();
  }
  const [, first, second] = (node.kind === "atom" && /^\[(\w)(\w)\]$/.exec(node.source)) || [];
  return first?.toLowerCase() === second?.toLowerCase() ? first?.toLowerCase() : undefined;
}

function textsBelow(node: PatternNode): readonly string[] {
  if (node.kind === "group") {
    return bestOfBranches(node.body);
  }
  if (node.kind === "repeat" && node.min > 0) {
    return bestOfSequence([node.body]);
  }
  return [];
}

/** Long texts are rare ones, and few are sooner looked for. */
function worth(texts: readonly string[]): number {
  return texts.length === 0 ? 0 : Math.min(...texts.map((text) => text.length)) + 1 / texts.length;
}
