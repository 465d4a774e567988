import { StageFailure } from "../../../ecs/contract/stage.ts";
import { compileRegex } from "../../../ecs/regex/index.ts";
import { type Bound, type Match, QueryInvalid } from "./query.ts";

/** Judges one value of a field. Values compare without case, but for regular expressions. */
export type Matcher = {
  /** The one folded value that matches, when there is only one. */
  readonly only: string | undefined;
  /** A folded text that every matching value holds, and then the folded value alone decides; empty when nothing is known. */
  readonly holds: string;
  test(value: string, folded: string): boolean;
};

const MAX_PATTERN_CHARS = 1000;
/** Values of the key may be asked for by their end, so that a search need not hold a secret: `…1f2c`. */
const HINT = "…";

/** Letter case makes no difference to a search. */
export function fold(text: string): string {
  return separable(text).toLowerCase();
}

/** The index keeps NUL for itself; in events it is as rare as it is meaningless. */
export function separable(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\uffff") : text;
}

/** @throws QueryInvalid for a pattern that cannot be used. */
export function matcherOf(match: Match, isKey: boolean): Matcher {
  switch (match.kind) {
    case "equals": {
      const wanted = fold(match.text);
      if (isKey && wanted.startsWith(HINT)) {
        const end = wanted.slice(HINT.length);
        return { only: undefined, holds: end, test: (_, folded) => folded.endsWith(end) };
      }
      return { only: wanted, holds: wanted, test: (_, folded) => folded === wanted };
    }
    case "wildcard":
      return wildcardMatcher(match.pattern);
    case "regex": {
      if (match.pattern.length > MAX_PATTERN_CHARS) {
        throw tooLong(match.pattern);
      }
      const regex = compileRegex(match.pattern, { keepUnnamed: false });
      const problem = regex instanceof StageFailure ? regex.reason : regex.problem();
      if (regex instanceof StageFailure || problem !== null) {
        throw new QueryInvalid(`The regular expression cannot be used: ${problem}.`, 0, match.pattern.length);
      }
      return { only: undefined, holds: "", test: (value) => regex.fullMatch(value) !== null };
    }
    case "range":
      return rangeMatcher(match.low, match.high);
  }
}

function tooLong(pattern: string): QueryInvalid {
  return new QueryInvalid(
    `A pattern has at most ${MAX_PATTERN_CHARS} characters; shorten it.`,
    0,
    pattern.length,
  );
}

const ANY = "*";
const ONE = "?";
type Part = { readonly kind: "text"; readonly text: string } | { readonly kind: typeof ANY | typeof ONE };

function wildcardMatcher(pattern: string): Matcher {
  if (pattern.length > MAX_PATTERN_CHARS) {
    throw tooLong(pattern);
  }
  const parts = partsOf(fold(pattern));
  const texts = parts.flatMap((part) => (part.kind === "text" ? [part.text] : []));
  const holds = texts.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
  const [first, second, third] = parts;
  const text = (part: Part | undefined) => (part?.kind === "text" ? part.text : undefined);
  if (parts.length === 1 && first?.kind === ANY) {
    return { only: undefined, holds, test: () => true };
  }
  if (parts.length === 2 && second?.kind === ANY && text(first) !== undefined) {
    return { only: undefined, holds, test: (_, folded) => folded.startsWith(holds) };
  }
  if (parts.length === 2 && first?.kind === ANY && text(second) !== undefined) {
    return { only: undefined, holds, test: (_, folded) => folded.endsWith(holds) };
  }
  if (parts.length === 3 && first?.kind === ANY && third?.kind === ANY && text(second) !== undefined) {
    return { only: undefined, holds, test: (_, folded) => folded.includes(holds) };
  }
  const units = parts.flatMap((part): (string | Part)[] => (part.kind === "text" ? [...part.text] : [part]));
  return {
    only: undefined,
    holds,
    test: (_, folded) => folded.includes(holds) && matchesUnits(folded, units),
  };
}

function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  let text = "";
  const flush = () => {
    if (text !== "") {
      parts.push({ kind: "text", text });
    }
    text = "";
  };
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char === ANY || char === ONE) {
      flush();
      if (char === ONE || parts.at(-1)?.kind !== ANY) {
        parts.push({ kind: char });
      }
    } else if (char === "\\" && /[^\w\s]/.test(pattern[at + 1] ?? "")) {
      at += 1;
      text += pattern[at];
    } else {
      text += char;
    }
  }
  flush();
  return parts;
}

/** Goes back to the last `*` alone, so that the work is bounded by pattern times text. */
function matchesUnits(text: string, units: readonly (string | Part)[]): boolean {
  const chars = [...text];
  let [unit, char, star, resume] = [0, 0, -1, 0];
  while (char < chars.length) {
    const wanted = units[unit];
    if (typeof wanted === "object" && wanted.kind === ANY) {
      star = unit++;
      resume = char;
    } else if (wanted !== undefined && (typeof wanted === "object" || wanted === chars[char])) {
      unit += 1;
      char += 1;
    } else if (star >= 0) {
      unit = star + 1;
      char = ++resume;
    } else {
      return false;
    }
  }
  return units.slice(unit).every((rest) => typeof rest === "object" && rest.kind === ANY);
}

/** Numbers compare as numbers and times as times where value and bound are such; anything else as text. */
function rangeMatcher(low: Bound | undefined, high: Bound | undefined): Matcher {
  const isAbove = low === undefined ? () => true : comparison(low, 1);
  const isBelow = high === undefined ? () => true : comparison(high, -1);
  return { only: undefined, holds: "", test: (_, folded) => isAbove(folded) && isBelow(folded) };
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;
const TIME = /^\d{4}-\d\d(?:-\d\d(?:t\d\d:\d\d|$)|$)/;

function comparison({ text, isInclusive }: Bound, sign: 1 | -1): (folded: string) => boolean {
  const wanted = fold(text);
  const ordered = (difference: number) => (difference === 0 ? isInclusive : difference * sign > 0);
  if (NUMBER.test(wanted)) {
    const limit = Number(wanted);
    return (folded) => NUMBER.test(folded) && ordered(Number(folded) - limit);
  }
  const limitMs = TIME.test(wanted) ? Date.parse(wanted.toUpperCase()) : Number.NaN;
  if (!Number.isNaN(limitMs)) {
    return (folded) => TIME.test(folded) && ordered(Date.parse(folded.toUpperCase()) - limitMs);
  }
  return (folded) => ordered(folded < wanted ? -1 : folded > wanted ? 1 : 0);
}
