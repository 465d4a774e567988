/** A pattern against whole texts. */
import { BranchMatch } from "./branch-match.ts";
import { orNull } from "./char-sets.ts";
import { buildNfa } from "./nfa.ts";
import type { Alternation, Sequence } from "./pattern-tree.ts";
import { type Captured, WholeMatcher } from "./whole-matcher.ts";

export class FullMatch {
  readonly #root: Alternation;
  readonly #usesTexts: boolean;
  /** Built when a text needs it; null for a pattern that it cannot hold, or that took too much memory. */
  #matcher: WholeMatcher | null | undefined;
  /** The alternatives, of which the first that fits wins, so each may be tried alone. */
  #branches: readonly BranchMatch[] | undefined;

  /** @param usesTexts Whether the pattern's texts stand for themselves, in one case only. */
  constructor(root: Alternation, usesTexts: boolean) {
    this.#root = root;
    this.#usesTexts = usesTexts;
  }

  match(text: string): Captured | null {
    if (this.#matcher === undefined) {
      // A look at their literals spares building what no text needs.
      if (!this.#branchesOf().some((branch) => branch.mayMatch(text))) {
        return null;
      }
      this.#matcher = orNull(() => new WholeMatcher(buildNfa(this.#root, { isFolded: true })));
    }
    const found = this.#matcher?.match(text);
    if (found !== undefined) {
      return found;
    }
    this.#matcher = null;
    for (const branch of this.#branchesOf()) {
      const captured = branch.match(text);
      if (captured !== null) {
        return captured;
      }
    }
    return null;
  }

  #branchesOf(): readonly BranchMatch[] {
    this.#branches ??= splitBranches(this.#root).map((branch) => new BranchMatch(branch, this.#usesTexts));
    return this.#branches;
  }
}

/** The alternatives of a full match, also those inside a group that wraps the whole pattern. */
function splitBranches(root: Alternation): readonly Sequence[] {
  const [first] = root;
  const leading = first?.[0]?.kind === "flags" ? first[0] : null;
  const strayFlags = root.some((branch, index) =>
    branch.some((node, at) => node.kind === "flags" && (index > 0 || at > 0)),
  );
  if (strayFlags) {
    return [[{ kind: "group", capture: null, flags: "", body: root }]];
  }
  return root.flatMap((branch, index) => {
    const items = leading !== null && index === 0 ? branch.slice(1) : branch;
    const inner = unwrap(items);
    return leading === null ? inner : inner.map((sequence): Sequence => [leading, ...sequence]);
  });
}

function unwrap(sequence: Sequence): readonly Sequence[] {
  const [only, second] = sequence;
  if (only?.kind !== "group" || second !== undefined || only.flags !== "") {
    return [sequence];
  }
  if (only.body.some((branch) => branch.some((node) => node.kind === "flags"))) {
    return [sequence];
  }
  return only.body.flatMap((branch) =>
    unwrap(branch).map((inner): Sequence => (only.capture === null ? inner : [{ ...only, body: [inner] }])),
  );
}
