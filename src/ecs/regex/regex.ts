import { StageFailure } from "../contract/stage.ts";
import { emitPattern, estimateSize } from "./emit.ts";
import { nativePattern } from "./native.ts";
import { compileProgram, type Program, type Spans } from "./program.ts";
import { holdsAll, requiredLiterals } from "./required-literals.ts";
import { type Alternation, PatternError, type PatternNode, parsePattern, type Sequence } from "./syntax.ts";

/** UTF-16 units of a text that a pattern is tried on; a longer one is "no match", since linear is not instant:
 * the largest public patterns take a tenth of a second for this much. Separators that V8 can run have no limit. */
export const MAX_MATCHED_CHARS = 16_384;
/** UTF-16 units of a pattern, its grok references written out. */
const MAX_PATTERN_CHARS = 262_144;
/** Instructions of a pattern with its counted repeats unrolled, about. */
const MAX_PATTERN_SIZE = 60_000;

/** From this size on it pays to leave out alternatives that cannot match the text at hand. */
const PRUNE_FROM_SIZE = 120;
/** Programs kept for a branch, one for each set of alternatives; past them the unpruned one is used. */
const MAX_PRUNED_PROGRAMS = 64;

export type RegexOptions = {
  /** Whether `(x)` captures, as it does in Python; in grok only named groups do. */
  readonly keepUnnamed: boolean;
};

export type RegexMatch = {
  readonly start: number;
  readonly end: number;
  /** One for each of `Regex.groupNames`; null for a group that took no part. */
  readonly groups: readonly (string | null)[];
};

/**
 * Compiles a pattern to a matcher that is linear in its text, whatever the pattern.
 * @param pattern RE2 syntax; stray braces are text, names may repeat.
 * @returns A failure for what is no such pattern, or is too large.
 */
export function compileRegex(pattern: string, options: RegexOptions): Regex | StageFailure {
  if (pattern.length > MAX_PATTERN_CHARS) {
    return new StageFailure(`the pattern is longer than ${MAX_PATTERN_CHARS} characters`);
  }
  try {
    const tree = parsePattern(pattern, options.keepUnnamed);
    if (estimateSize(tree.root) > MAX_PATTERN_SIZE) {
      return new StageFailure("the pattern is too large once its counted repeats are written out");
    }
    return new Regex(tree.root, tree.names, !tree.ignoresCase);
  } catch (error) {
    if (error instanceof PatternError) return new StageFailure(`the pattern is invalid: ${error.message}`);
    throw error;
  }
}

/** A pattern; its programs are compiled when first needed. Matching a text that is too long is no match. */
export class Regex {
  /** Of each capture, in order of the opening brackets; null for an unnamed one. */
  readonly groupNames: readonly (string | null)[];
  private readonly root: Alternation;
  private readonly usesTexts: boolean;
  private branches: readonly FullMatchBranch[] | null = null;
  private searcher: Program | null = null;
  private starter: Program | null = null;
  private captures: readonly number[] = [];
  /** For `search`; undefined while nobody looked. */
  private native: RegExp | null | undefined = undefined;

  constructor(root: Alternation, groupNames: readonly (string | null)[], usesTexts: boolean) {
    this.root = root;
    this.groupNames = groupNames;
    this.usesTexts = usesTexts;
  }

  /** Why re2js refuses the pattern, or null. Costs a whole compilation. */
  problem(): string | null {
    return this.searchProgram().problem;
  }

  /** The match of the whole text. */
  fullMatch(text: string): RegexMatch | null {
    if (text.length > MAX_MATCHED_CHARS) return null;
    for (const branch of this.fullMatchBranches()) {
      const found = branch.match(text);
      if (found !== null) return this.matchOf(text, found.spans, found.captures);
    }
    return null;
  }

  /** The match that begins at the text's start. */
  startMatch(text: string): RegexMatch | null {
    if (text.length > MAX_MATCHED_CHARS) return null;
    const spans = this.startProgram().run(text, 0);
    return spans === null ? null : this.matchOf(text, spans, this.captures);
  }

  isStartMatch(text: string): boolean {
    return text.length <= MAX_MATCHED_CHARS && this.startProgram().test(text);
  }

  /** Whether `search` looks at a text of this length. */
  isSearchable(text: string): boolean {
    return text.length <= MAX_MATCHED_CHARS || this.nativeSearcher() !== null;
  }

  /** The first match at or after `from`. */
  search(text: string, from = 0): RegexMatch | null {
    const native = this.nativeSearcher();
    if (native !== null) {
      native.lastIndex = from;
      const found = native.exec(text);
      return found === null ? null : { start: found.index, end: found.index + found[0].length, groups: [] };
    }
    if (text.length > MAX_MATCHED_CHARS) return null;
    const spans = this.searchProgram().run(text, from);
    return spans === null ? null : this.matchOf(text, spans, this.captures);
  }

  isFound(text: string): boolean {
    return text.length <= MAX_MATCHED_CHARS && this.searchProgram().test(text);
  }

  private nativeSearcher(): RegExp | null {
    if (this.native === undefined) this.native = this.usesTexts ? nativePattern(this.root) : null;
    return this.native;
  }

  private startProgram(): Program {
    if (this.starter === null) {
      const emitted = emitPattern(this.root);
      this.captures = emitted.captures;
      this.starter = compileProgram(`^(?:${emitted.source})`);
    }
    return this.starter;
  }

  private searchProgram(): Program {
    if (this.searcher === null) {
      const emitted = emitPattern(this.root);
      this.captures = emitted.captures;
      this.searcher = compileProgram(emitted.source);
    }
    return this.searcher;
  }

  private fullMatchBranches(): readonly FullMatchBranch[] {
    this.branches ??= splitBranches(this.root).map((branch) => new FullMatchBranch(branch, this.usesTexts));
    return this.branches;
  }

  private matchOf(text: string, spans: Spans, captures: readonly number[]): RegexMatch {
    const groups = new Array<string | null>(this.groupNames.length).fill(null);
    for (let index = 0; index < captures.length; index++) {
      const start = spans[2 * index + 2] ?? -1;
      const slot = captures[index];
      if (start >= 0 && slot !== undefined) groups[slot] = text.slice(start, spans[2 * index + 3]);
    }
    return { start: spans[0] ?? 0, end: spans[1] ?? 0, groups };
  }
}

type BranchMatch = { readonly spans: Spans; readonly captures: readonly number[] };
type CompiledBranch = { readonly program: Program; readonly captures: readonly number[] };

/**
 * One top-level alternative. In a full match the first alternative that fits wins, so each may be tried alone;
 * and alternatives inside it whose required texts are missing can be left out without a change of meaning.
 */
class FullMatchBranch {
  private readonly sequence: Sequence;
  private readonly required: readonly string[];
  private readonly optional: readonly { readonly branch: Sequence; readonly required: readonly string[] }[];
  private readonly compiled = new Map<string, CompiledBranch>();

  constructor(sequence: Sequence, usesTexts: boolean) {
    this.sequence = sequence;
    this.required = usesTexts ? requiredLiterals(sequence) : [];
    const prunes = usesTexts && estimateSize([sequence]) >= PRUNE_FROM_SIZE;
    this.optional = prunes ? innerAlternatives(sequence) : [];
  }

  match(text: string): BranchMatch | null {
    const compiled = this.compiledFor(text);
    const spans = compiled?.program.run(text, 0) ?? null;
    return compiled === null || spans === null ? null : { spans, captures: compiled.captures };
  }

  private compiledFor(text: string): CompiledBranch | null {
    if (!holdsAll(text, this.required)) return null;
    let key = "";
    for (let index = 0; index < this.optional.length; index++) {
      if (!holdsAll(text, this.optional[index]?.required ?? [])) key += String.fromCharCode(index);
    }
    const known = this.compiled.get(key);
    if (known !== undefined) return known;
    if (this.compiled.size >= MAX_PRUNED_PROGRAMS && key !== "") return this.compiledWithout("");
    return this.compiledWithout(key);
  }

  /** @param key One character for each of `optional` that is left out. */
  private compiledWithout(key: string): CompiledBranch {
    const known = this.compiled.get(key);
    if (known !== undefined) return known;
    const dropped = new Set<Sequence>();
    for (let at = 0; at < key.length; at++) {
      const item = this.optional[key.charCodeAt(at)];
      if (item !== undefined) dropped.add(item.branch);
    }
    const { source, captures } = emitPattern([this.sequence], (branch) => !dropped.has(branch));
    // The leading ^ lets re2js use its one-pass machine where a pattern allows it.
    const compiled = { program: compileProgram(`^(?:${source})$`), captures };
    this.compiled.set(key, compiled);
    return compiled;
  }
}

/** The alternatives of a full match, also those inside a group that wraps the whole pattern. */
function splitBranches(root: Alternation): readonly Sequence[] {
  const [first] = root;
  const leading = first?.[0]?.kind === "flags" ? first[0] : null;
  const strayFlags = root.some((branch, index) =>
    branch.some((node, at) => node.kind === "flags" && (index > 0 || at > 0)),
  );
  if (strayFlags) return [[{ kind: "group", capture: null, flags: "", body: root }]];
  return root.flatMap((branch, index) => {
    const items = leading !== null && index === 0 ? branch.slice(1) : branch;
    const inner = unwrap(items);
    return leading === null ? inner : inner.map((sequence): Sequence => [leading, ...sequence]);
  });
}

function unwrap(sequence: Sequence): readonly Sequence[] {
  const [only, second] = sequence;
  if (only?.kind !== "group" || second !== undefined || only.flags !== "") return [sequence];
  if (only.body.some((branch) => branch.some((node) => node.kind === "flags"))) return [sequence];
  return only.body.flatMap((branch) =>
    unwrap(branch).map((inner): Sequence => (only.capture === null ? inner : [{ ...only, body: [inner] }])),
  );
}

/** Every branch of an alternation below a sequence that needs some text. */
function innerAlternatives(sequence: Sequence): { branch: Sequence; required: readonly string[] }[] {
  const found: { branch: Sequence; required: readonly string[] }[] = [];
  const visit = (node: PatternNode): void => {
    if (node.kind === "repeat") visit(node.body);
    if (node.kind !== "group") return;
    const isChoice = node.body.length > 1;
    for (const branch of node.body) {
      const required = isChoice ? requiredLiterals(branch) : [];
      if (required.length > 0) found.push({ branch, required });
      branch.forEach(visit);
    }
  };
  sequence.forEach(visit);
  return found;
}
