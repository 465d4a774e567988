/** A rule's text with its wildcards, and how it becomes a test. */
import type { Test, TextRelation } from "../syntax.ts";
import { fold } from "../values/fold.ts";

export type PatternPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "star" }
  | { readonly kind: "one" }
  /** `%name%` under the modifier `expand`. */
  | { readonly kind: "placeholder"; readonly name: string };

export type Pattern = readonly PatternPart[];

const STAR: PatternPart = { kind: "star" };

/** `*` any run, `?` one character; a backslash before one of them or before a backslash takes its meaning away. */
export function parsePattern(text: string): Pattern {
  const parts: PatternPart[] = [];
  let literal = "";
  const close = (): void => {
    if (literal !== "") {
      parts.push({ kind: "text", text: literal });
      literal = "";
    }
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === "\\" && (next === "*" || next === "?" || next === "\\")) {
      literal += next;
      at++;
    } else if (character === "*") {
      close();
      // A run of stars is one.
      if (parts.at(-1)?.kind !== "star") {
        parts.push(STAR);
      }
    } else if (character === "?") {
      close();
      parts.push({ kind: "one" });
    } else {
      literal += character;
    }
  }
  close();
  return parts;
}

export function hasWildcards(pattern: Pattern): boolean {
  return pattern.some(({ kind }) => kind === "star" || kind === "one");
}

/** The text of a pattern; its wildcards as they are written. */
export function patternText(pattern: Pattern): string {
  return pattern
    .map((part) =>
      part.kind === "text" ? part.text : part.kind === "star" ? "*" : part.kind === "one" ? "?" : "",
    )
    .join("");
}

export function openAt(pattern: Pattern, { start, end }: { start: boolean; end: boolean }): Pattern {
  const opened = [...pattern];
  if (start && opened[0]?.kind !== "star") {
    opened.unshift(STAR);
  }
  if (end && opened.at(-1)?.kind !== "star") {
    opened.push(STAR);
  }
  return opened;
}

/** Neighbouring texts as one, which replacing parts may have made. */
export function joined(parts: readonly PatternPart[]): Pattern {
  const result: PatternPart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part.kind === "text" && last?.kind === "text") {
      result[result.length - 1] = { kind: "text", text: last.text + part.text };
    } else if (part.kind !== "star" || last?.kind !== "star") {
      result.push(part);
    }
  }
  return result;
}

/** @param pattern Without placeholders. */
export function testOf(pattern: Pattern, isFolded: boolean): Test {
  const parts = joined(pattern);
  const isOpenAtStart = parts[0]?.kind === "star";
  const isOpenAtEnd = parts.at(-1)?.kind === "star";
  const inside = parts.slice(isOpenAtStart ? 1 : 0, isOpenAtEnd && parts.length > 1 ? -1 : undefined);
  if (isOpenAtStart && inside.length === 0) {
    return { kind: "any" };
  }
  const [only] = inside;
  const texted = (text: string): string => (isFolded ? fold(text) : text);
  if (inside.length <= 1 && (only === undefined || only.kind === "text")) {
    return {
      kind: "text",
      relation: relationOf(isOpenAtStart, isOpenAtEnd),
      text: texted(only?.text ?? ""),
      isFolded,
    };
  }
  const chunks: (string | null)[][] = [[]];
  for (const part of parts) {
    if (part.kind === "star") {
      chunks.push([]);
    } else if (part.kind !== "placeholder") {
      chunks.at(-1)?.push(part.kind === "one" ? null : texted(part.text));
    }
  }
  return { kind: "wildcard", parts: chunks, isFolded };
}

function relationOf(isOpenAtStart: boolean, isOpenAtEnd: boolean): TextRelation {
  if (isOpenAtStart) {
    return isOpenAtEnd ? "contains" : "suffix";
  }
  return isOpenAtEnd ? "prefix" : "exact";
}
