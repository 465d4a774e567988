import type { SearchParameters } from "../../contract/events.ts";

export const PERIODS = [
  ["5m", "Last 5 minutes"],
  ["15m", "Last 15 minutes"],
  ["1h", "Last hour"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["all", "All time"],
] as const;

/** What the address bar holds. */
export function readSearch(search: string): SearchParameters {
  const parameters = new URLSearchParams(search);
  const from = parameters.get("from");
  const to = parameters.get("to");
  const q = parameters.get("q") ?? "";
  return from !== null && to !== null && !Number.isNaN(Date.parse(from)) && !Number.isNaN(Date.parse(to))
    ? { q, from, to }
    : { q, period: parameters.get("period") ?? "5m" };
}

export function writeSearch(search: SearchParameters): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== "") {
      parameters.set(name, value);
    }
  }
  return parameters.toString();
}

/** A term that finds the value in the field. */
export function termOf(path: string, value: string): string {
  return `${path}:"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The search with one more condition, as the buttons "filter for" and "filter out" add it. */
export function withTerm(q: string, term: string, isWanted: boolean): string {
  const added = isWanted ? term : `NOT ${term}`;
  if (q.trim() === "") {
    return added;
  }
  return / or /i.test(q) ? `(${q.trim()}) AND ${added}` : `${q.trim()} AND ${added}`;
}

/** What is being written where the cursor stands: a field's name, or a value of a field. */
export type Writing =
  | { readonly kind: "field"; readonly start: number; readonly text: string }
  | { readonly kind: "value"; readonly start: number; readonly field: string; readonly text: string };

export function writingAt(q: string, cursor: number): Writing | null {
  const before = q.slice(0, cursor);
  const value = /([\w@.]+):"?([^\s"():<>]*)$/.exec(before);
  if (value !== null) {
    const [, field = "", text = ""] = value;
    return { kind: "value", start: before.lastIndexOf(":") + 1, field, text };
  }
  const word = /(?:^|[\s(])([\w@.]+)$/.exec(before);
  return word?.[1] === undefined ? null : { kind: "field", start: cursor - word[1].length, text: word[1] };
}
