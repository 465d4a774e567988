import { StageFailure } from "../contract/stage.ts";
import { type AsciiRow, asciiRow } from "./ascii-row.ts";
import { estimateSize } from "./emit.ts";
import { FullMatch } from "./full-match.ts";
import { nativePattern } from "./native.ts";
import { type Alternation, PatternError, type PatternReference, parsePattern } from "./pattern-tree.ts";
import { type Found, Searcher } from "./searcher.ts";
import type { Captured } from "./whole-matcher.ts";

/** UTF-16 units of a text that a pattern is tried on; a longer one is "no match", since linear is not instant:
 * the largest public patterns take a tenth of a second for this much. Separators that V8 can run have no limit. */
export const MAX_MATCHED_CHARS = 16_384;
/** UTF-16 units of a pattern, and of those it refers to, each as often as it is read. */
const MAX_PATTERN_CHARS = 262_144;
/** Instructions of a pattern with its counted repeats unrolled, about. */
const MAX_PATTERN_SIZE = 60_000;

export type RegexOptions = {
  /** Whether `(x)` captures, as it does in Python; in grok only named groups do. */
  readonly keepUnnamed: boolean;
  /** Whether a named group is told of; each is, unless this says no. */
  readonly isKept?: (name: string) => boolean;
  /** What a pattern refers to by its name at a position, as grok does; null for plain text. */
  readonly referenceAt?: (pattern: string, at: number) => PatternReference | null;
  /** Characters of the pattern; more than any format needs unless given. */
  readonly maxChars?: number;
  /** Steps of the pattern, its counted repeats written out. */
  readonly maxSize?: number;
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
 * @returns A failure for an invalid pattern, or is too large.
 */
export function compileRegex(pattern: string, options: RegexOptions): Regex | StageFailure {
  const { maxChars = MAX_PATTERN_CHARS, maxSize = MAX_PATTERN_SIZE } = options;
  if (pattern.length > maxChars) {
    return new StageFailure(`the pattern is longer than ${maxChars} characters`);
  }
  try {
    const tree = parsePattern(pattern, { ...options, maxChars });
    if (estimateSize(tree.root) > maxSize) {
      return new StageFailure("the pattern is too large once its counted repeats are written out");
    }
    return new Regex(tree.root, tree.names, !tree.ignoresCase);
  } catch (error) {
    if (error instanceof PatternError) {
      return new StageFailure(`the pattern is invalid: ${error.message}`);
    }
    throw error;
  }
}

/** A pattern; its automatons are built when first needed. Matching a text that is too long is not a match. */
export class Regex {
  /** Of each capture, in order of the opening brackets; null for an unnamed one. */
  readonly groupNames: readonly (string | null)[];
  readonly #root: Alternation;
  readonly #usesTexts: boolean;
  #whole: FullMatch | undefined;
  #searcher: Searcher | undefined;
  /** For `find` and `search`; undefined while nobody looked. */
  #row: AsciiRow | null | undefined;
  #native: RegExp | null | undefined;

  constructor(root: Alternation, groupNames: readonly (string | null)[], usesTexts: boolean) {
    this.#root = root;
    this.groupNames = groupNames;
    this.#usesTexts = usesTexts;
  }

  /** Why the pattern is refused, or null. Costs a whole compilation. */
  problem(): string | null {
    return this.#searcherOf().problem;
  }

  /** The match of the whole text. */
  fullMatch(text: string): RegexMatch | null {
    const captured = this.fullCaptures(text);
    if (captured === null) {
      return null;
    }
    const groups = new Array<string | null>(this.groupNames.length).fill(null);
    for (let i = 0; i < captured.length; i += 3) {
      groups[captured[i] ?? 0] = text.slice(captured[i + 1], captured[i + 2]);
    }
    return { start: 0, end: text.length, groups };
  }

  /** The groups of the match of the whole text, for who wants few of many. */
  fullCaptures(text: string): Captured | null {
    if (text.length > MAX_MATCHED_CHARS) {
      return null;
    }
    this.#whole ??= new FullMatch(this.#root, this.#usesTexts);
    return this.#whole.match(text);
  }

  /** The match that begins at the text's start. */
  startMatch(text: string): RegexMatch | null {
    if (text.length > MAX_MATCHED_CHARS) {
      return null;
    }
    return this.#matchOf(text, this.#searcherOf().startMatch(text));
  }

  isStartMatch(text: string): boolean {
    return text.length <= MAX_MATCHED_CHARS && this.#searcherOf().isStartMatch(text);
  }

  /** Whether `search` looks at a text of this length. */
  isSearchable(text: string): boolean {
    return text.length <= MAX_MATCHED_CHARS || this.#nativeSearcher() !== null;
  }

  /** Where the first match at or after `from` stands, for who wants no groups. */
  find(text: string, from: number): { readonly start: number; readonly end: number } | null {
    if (this.#row === undefined) {
      this.#row = this.#usesTexts ? asciiRow(this.#root) : null;
    }
    if (this.#row === null) {
      return this.search(text, from);
    }
    const start = this.#row.find(text, from);
    return start < 0 ? null : { start, end: this.#row.end };
  }

  /** The first match at or after `from`. */
  search(text: string, from = 0): RegexMatch | null {
    const native = this.#nativeSearcher();
    if (native !== null) {
      native.lastIndex = from;
      const found = native.exec(text);
      return found === null ? null : { start: found.index, end: found.index + found[0].length, groups: [] };
    }
    if (text.length > MAX_MATCHED_CHARS) {
      return null;
    }
    return this.#matchOf(text, this.#searcherOf().search(text, from));
  }

  isFound(text: string): boolean {
    const native = this.#nativeSearcher();
    if (native !== null) {
      native.lastIndex = 0;
      return native.test(text);
    }
    return text.length <= MAX_MATCHED_CHARS && this.#searcherOf().isFound(text);
  }

  #nativeSearcher(): RegExp | null {
    if (this.#native === undefined) {
      this.#native = this.#usesTexts ? nativePattern(this.#root) : null;
    }
    return this.#native;
  }

  #searcherOf(): Searcher {
    this.#searcher ??= new Searcher(this.#root, this.#usesTexts);
    return this.#searcher;
  }

  #matchOf(text: string, found: Found | null): RegexMatch | null {
    if (found === null) {
      return null;
    }
    const { spans, captures } = found;
    const groups = new Array<string | null>(this.groupNames.length).fill(null);
    for (let index = 0; index < captures.length; index++) {
      const start = spans[2 * index + 2] ?? -1;
      const slot = captures[index];
      if (start >= 0 && slot !== undefined) {
        groups[slot] = text.slice(start, spans[2 * index + 3]);
      }
    }
    return { start: spans[0] ?? 0, end: spans[1] ?? 0, groups };
  }
}
