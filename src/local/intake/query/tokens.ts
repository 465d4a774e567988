import { type Bound, type Match, QueryInvalid } from "./query.ts";

export type Token =
  | { readonly kind: "(" | ")" | "AND" | "OR" | "NOT"; readonly position: number; readonly length: number }
  | { readonly kind: "field"; readonly name: string; readonly position: number; readonly length: number }
  | { readonly kind: "match"; readonly match: Match; readonly position: number; readonly length: number };

const MAX_QUERY_CHARS = 10_000;
const FIELD = /([A-Za-z_@][\w.@-]*):/y;
const OPERATOR = /(AND|OR|NOT)(?=[\s()]|$)/y;
const SPACE = /\s+/y;
const RANGE = /\[\s*("(?:[^"\\]|\\.)*"|[^\s\]"]+)\s+TO\s+("(?:[^"\\]|\\.)*"|[^\s\]"]+)\s*\]/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const REGEX = /\/((?:[^/\\]|\\[\s\S])*)\//y;
const COMPARISON = />=|<=|>|</y;
const WORD = /(?:\\[\s\S]|[^\s()"\\])+/y;

/** @throws QueryInvalid */
export function tokenize(text: string): readonly Token[] {
  if (text.length > MAX_QUERY_CHARS) {
    throw new QueryInvalid(
      `The search is longer than ${MAX_QUERY_CHARS} characters; shorten it.`,
      0,
      text.length,
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  };
  while (at < text.length) {
    const position = at;
    if (take(SPACE) !== undefined) {
      continue;
    }
    const char = text[at];
    if (char === "(" || char === ")") {
      at += 1;
      tokens.push({ kind: char, position, length: 1 });
      continue;
    }
    const operator = take(OPERATOR)?.[1] as "AND" | "OR" | "NOT" | undefined;
    if (operator !== undefined) {
      tokens.push({ kind: operator, position, length: operator.length });
      continue;
    }
    const field = take(FIELD)?.[1];
    if (field !== undefined) {
      tokens.push({ kind: "field", name: field, position, length: at - position });
      // A parenthesis groups values of the field; a space after the colon would hide a forgotten value.
      if (text[at] === "(") {
        continue;
      }
      const start = at;
      tokens.push({
        kind: "match",
        match: matchOf(take, text, start, true),
        position: start,
        length: at - start,
      });
      continue;
    }
    tokens.push({ kind: "match", match: matchOf(take, text, at, false), position, length: at - position });
  }
  return tokens;
}

type Take = (pattern: RegExp) => RegExpExecArray | undefined;

function matchOf(take: Take, text: string, start: number, isOfField: boolean): Match {
  if (text[start] === '"') {
    const quoted = take(QUOTED)?.[1];
    if (quoted === undefined) {
      throw new QueryInvalid(
        "A quotation mark is not closed; add the closing one.",
        start,
        text.length - start,
      );
    }
    return { kind: "equals", text: plainOf(quoted) };
  }
  if (text[start] === "/") {
    const pattern = take(REGEX)?.[1];
    if (pattern !== undefined) {
      return { kind: "regex", pattern: pattern.replaceAll("\\/", "/") };
    }
    if (isOfField) {
      throw new QueryInvalid(
        "A regular expression is not closed; end it with a slash.",
        start,
        text.length - start,
      );
    }
  }
  if (isOfField && text[start] === "[") {
    const range = take(RANGE);
    if (range === undefined) {
      throw new QueryInvalid(
        "A range is written [X TO Y], with * for an open end.",
        start,
        text.length - start,
      );
    }
    return { kind: "range", low: boundOf(range[1]), high: boundOf(range[2]) };
  }
  const comparison = isOfField ? take(COMPARISON)?.[0] : undefined;
  const word = (text[start + (comparison?.length ?? 0)] === '"' ? take(QUOTED)?.[1] : take(WORD)?.[0]) ?? "";
  if (word === "") {
    throw new QueryInvalid("A value is missing here; write field:value.", start, 1);
  }
  if (comparison !== undefined) {
    const bound = { text: plainOf(word), isInclusive: comparison.endsWith("=") };
    return comparison.startsWith(">")
      ? { kind: "range", low: bound, high: undefined }
      : { kind: "range", low: undefined, high: bound };
  }
  return /(?<!\\)(?:\\\\)*[*?]/.test(word)
    ? { kind: "wildcard", pattern: word }
    : { kind: "equals", text: plainOf(word) };
}

function boundOf(text = "*"): Bound | undefined {
  if (text === "*") {
    return undefined;
  }
  return { text: plainOf(text.startsWith('"') ? text.slice(1, -1) : text), isInclusive: true };
}

function plainOf(text: string): string {
  return text.replace(/\\([\s\S])/g, (whole, char: string) => (/[\w\s]/.test(char) ? whole : char));
}
