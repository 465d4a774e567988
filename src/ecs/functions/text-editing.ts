/** What the filters and the methods of texts have in common. */
import { checkTextLength } from "../values/limits.ts";

/** First letter large, the others small. */
export function capitalize(text: string): string {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** @param count Replacements at most; negative for all. An empty text stands between all characters. */
export function replaceText(text: string, old: string, replacement: string, count: number): string {
  if (count === 0 || !text.includes(old)) {
    return text;
  }
  const parts = old === "" ? ["", ...text, ""] : text.split(old);
  checkTextLength(text.length + (parts.length - 1) * replacement.length);
  if (count < 0 || parts.length - 1 <= count) {
    return parts.join(replacement);
  }
  const head = parts.slice(0, count).join(replacement);
  return `${head}${replacement}${parts.slice(count).join(old)}`;
}

export type Side = "left" | "right" | "both";

/** @param characters What to take off; blanks when undefined. */
export function stripText(text: string, characters: string | undefined, side: Side): string {
  if (characters === undefined) {
    if (side === "both") {
      return text.trim();
    }
    return side === "left" ? text.trimStart() : text.trimEnd();
  }
  const set = new Set(characters);
  let start = 0;
  let end = text.length;
  if (side !== "right") {
    while (start < end && set.has(text.charAt(start))) {
      start++;
    }
  }
  if (side !== "left") {
    while (end > start && set.has(text.charAt(end - 1))) {
      end--;
    }
  }
  return text.slice(start, end);
}

/** Python counts characters, not UTF-16 units. */
export function characterCount(text: string): number {
  return /[\ud800-\udbff]/.test(text) ? [...text].length : text.length;
}

/** The blanks, or other signs, that a text lacks of a width. @throws LimitExceeded */
export function padding(text: string, width: number, fill: string): string {
  checkTextLength(width);
  return fill.repeat(Math.max(0, width - characterCount(text)));
}

/** Python's way to halve what is left over: to the left goes the odd one only in an odd width. */
export function centerText(text: string, width: number, fill: string): string {
  const all = padding(text, width, fill);
  const left = Math.floor(all.length / 2) + (all.length & width & 1);
  return all.slice(0, left) + text + all.slice(left);
}
