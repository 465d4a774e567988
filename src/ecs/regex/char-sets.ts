/** Sets of code points, and what RE2's classes hold. */

/** Inclusive ranges as pairs, sorted, neither touching nor overlapping. */
export type CharSet = readonly number[];

/** A part of a pattern that this room's automaton cannot hold; re2js runs or refuses such patterns. */
export class UnsupportedPattern extends Error {}

/** What is built, or null when the pattern is unsupported. */
export function orNull<T>(build: () => T): T | null {
  try {
    return build();
  } catch (error) {
    if (error instanceof UnsupportedPattern) {
      return null;
    }
    throw error;
  }
}

const LAST = 0x10ffff;
const DIGIT: CharSet = [0x30, 0x39];
const WORD: CharSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const BLANK: CharSet = [9, 10, 12, 13, 32, 32];

export const NEWLINE: CharSet = [10, 10];
export const WORD_CHARACTERS = WORD;
export const ANY: CharSet = [0, LAST];

const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a],
  alpha: [0x41, 0x5a, 0x61, 0x7a],
  ascii: [0, 0x7f],
  blank: [9, 9, 32, 32],
  cntrl: [0, 0x1f, 0x7f, 0x7f],
  digit: DIGIT,
  graph: [0x21, 0x7e],
  lower: [0x61, 0x7a],
  print: [0x20, 0x7e],
  punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
  space: [9, 13, 32, 32],
  upper: [0x41, 0x5a],
  word: WORD,
  xdigit: [0x30, 0x39, 0x41, 0x46, 0x61, 0x66],
};
const PERL: Readonly<Record<string, CharSet>> = { d: DIGIT, w: WORD, s: BLANK };

function normalised(ranges: readonly number[]): CharSet {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    pairs.push([ranges[i] ?? 0, ranges[i + 1] ?? 0]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [low, high] of pairs) {
    const last = merged.length - 1;
    const previous = merged[last];
    if (previous !== undefined && low <= previous + 1) {
      merged[last] = Math.max(previous, high);
    } else {
      merged.push(low, high);
    }
  }
  return merged;
}

export function complement(set: CharSet): CharSet {
  const result: number[] = [];
  let from = 0;
  for (let i = 0; i < set.length; i += 2) {
    const low = set[i] ?? 0;
    if (low > from) {
      result.push(from, low - 1);
    }
    from = (set[i + 1] ?? 0) + 1;
  }
  if (from <= LAST) {
    result.push(from, LAST);
  }
  return result;
}

/**
 * The set with both cases of its letters. Two letters beyond ASCII fold to ASCII ones.
 * @throws UnsupportedPattern for other sets that hold letters beyond ASCII.
 */
export function withBothCases(set: CharSet): CharSet {
  const ranges = [...set];
  for (let i = 0; i < set.length; i += 2) {
    const low = set[i] ?? 0;
    const high = set[i + 1] ?? 0;
    if (high > 0x7f && !(low === 0 && high === LAST)) {
      throw new UnsupportedPattern("letters beyond ASCII in both cases");
    }
    for (let code = low; code <= Math.min(high, 0x7a); code++) {
      const isUpper = code >= 0x41 && code <= 0x5a;
      if (!isUpper && !(code >= 0x61 && code <= 0x7a)) {
        continue;
      }
      const other = code ^ 0x20;
      ranges.push(other, other);
      const lower = code | 0x20;
      if (lower === 0x6b) {
        ranges.push(0x212a, 0x212a);
      } else if (lower === 0x73) {
        ranges.push(0x17f, 0x17f);
      }
    }
  }
  return normalised(ranges);
}

/**
 * What an atom of a pattern's tree takes: `\d`, `[^a-z]`; the dot is not among them.
 * @throws UnsupportedPattern for Unicode properties, and for what RE2 refuses.
 */
export function setOfAtom(source: string, ignoresCase: boolean): CharSet {
  const fold = (set: CharSet): CharSet => (ignoresCase ? withBothCases(set) : set);
  if (source.startsWith("\\")) {
    return perlClass(source, fold);
  }
  const isNegated = source[1] === "^";
  const ranges: number[] = [];
  const end = source.length - 1;
  let at = isNegated ? 2 : 1;
  while (at < end) {
    const posix = /^\[:(\^?)(\w+):\]/.exec(source.slice(at, at + 20));
    if (posix !== null) {
      const named = Object.hasOwn(POSIX, posix[2] ?? "") ? POSIX[posix[2] ?? ""] : undefined;
      if (named === undefined) {
        throw new UnsupportedPattern("an unknown class");
      }
      ranges.push(...(posix[1] === "^" ? complement(fold(named)) : fold(named)));
      at += posix[0].length;
    } else if (/^\\[dwsDWS]/.test(source.slice(at, at + 2))) {
      ranges.push(...perlClass(source.slice(at, at + 2), fold));
      at += 2;
    } else {
      const low = classCharacter(source, at);
      at = low.end;
      let high = low;
      if (source[at] === "-" && at + 1 < end) {
        high = classCharacter(source, at + 1);
        at = high.end;
      }
      if (high.code < low.code) {
        throw new UnsupportedPattern("a range from high to low");
      }
      ranges.push(...fold([low.code, high.code]));
    }
  }
  const set = normalised(ranges);
  return isNegated ? complement(set) : set;
}

function perlClass(source: string, fold: (set: CharSet) => CharSet): CharSet {
  const letter = source[1] ?? "";
  const set = PERL[letter.toLowerCase()];
  if (set === undefined || source.length !== 2) {
    throw new UnsupportedPattern("a Unicode property");
  }
  return letter === letter.toLowerCase() ? fold(set) : complement(fold(set));
}

function classCharacter(source: string, at: number): { code: number; end: number } {
  const code = source.codePointAt(at) ?? 0;
  if (code !== 0x5c) {
    return { code, end: at + (code > 0xffff ? 2 : 1) };
  }
  const hex = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(source.slice(at, at + 12));
  if (hex !== null) {
    return { code: Number.parseInt(hex[1] ?? hex[2] ?? "", 16), end: at + hex[0].length };
  }
  const escaped = source[at + 1] ?? "";
  if (escaped !== "[" && escaped !== "]") {
    throw new UnsupportedPattern("an escape in a class");
  }
  return { code: escaped.charCodeAt(0), end: at + 2 };
}
