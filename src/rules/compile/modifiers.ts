/** The modifiers that make other texts of a rule's texts. They apply in the order in which they are written. */
import type { Span } from "../contract.ts";
import { base64, base64Offsets, textOfBytes, utf8Bytes, utf16Bytes } from "./encode.ts";
import {
  hasWildcards,
  joined,
  openAt,
  type Pattern,
  type PatternPart,
  parsePattern,
  patternText,
} from "./pattern.ts";
import { RuleProblem } from "./problem.ts";

/** Texts that one value may become at most. */
const MAX_TEXTS = 5_000;
const DASHES = ["-", "/", "–", "—", "―"];
/** A dash that begins an argument: nothing of a word before it, a word after it. */
const ARGUMENT_DASH = /(?<![\p{L}\p{N}_])[-/](?=[\p{L}\p{N}_])/gu;
const PLACEHOLDER = /%([\w.-]+)%/g;

export type Texts = {
  readonly patterns: readonly Pattern[];
  /** The characters are bytes already. */
  readonly isBytes: boolean;
};

export type TextModifier = (texts: Texts, context: ModifierContext) => Texts;

export type ModifierContext = {
  readonly placeholders: Readonly<Record<string, readonly string[]>>;
  readonly span: Span;
};

const opened =
  (sides: { start: boolean; end: boolean }): TextModifier =>
  ({ patterns, isBytes }) => ({ patterns: patterns.map((pattern) => openAt(pattern, sides)), isBytes });

const encoded =
  (encode: (bytes: readonly number[]) => readonly string[]): TextModifier =>
  (texts, context) => ({
    patterns: texts.patterns.flatMap((pattern) =>
      encode(bytesOf(pattern, texts.isBytes, context)).map(asText),
    ),
    isBytes: false,
  });

const wide =
  (order: "little" | "big", mark: readonly number[] = []): TextModifier =>
  ({ patterns }) => ({
    patterns: patterns.map((pattern) => {
      const parts = pattern.map((part): PatternPart => {
        return part.kind === "text"
          ? { kind: "text", text: textOfBytes(utf16Bytes(part.text, order)) }
          : part;
      });
      return mark.length === 0 ? parts : joined([{ kind: "text", text: textOfBytes(mark) }, ...parts]);
    }),
    isBytes: true,
  });

export const TEXT_MODIFIERS: ReadonlyMap<string, TextModifier> = new Map([
  ["contains", opened({ start: true, end: true })],
  ["startswith", opened({ start: false, end: true })],
  ["endswith", opened({ start: true, end: false })],
  ["base64", encoded((bytes) => [base64(bytes)])],
  ["base64offset", encoded(base64Offsets)],
  ["wide", wide("little")],
  ["utf16le", wide("little")],
  ["utf16be", wide("big")],
  ["utf16", wide("little", [0xff, 0xfe])],
  ["windash", windash],
  ["expand", expand],
]);

function asText(text: string): Pattern {
  return text === "" ? [] : [{ kind: "text", text }];
}

function bytesOf(pattern: Pattern, isBytes: boolean, { span }: ModifierContext): number[] {
  if (hasWildcards(pattern)) {
    const message = "a text with wildcards cannot be written as base64";
    throw new RuleProblem("modifier", message, "put contains, startswith or endswith after base64", span);
  }
  const text = patternText(pattern);
  return isBytes ? [...text].map((character) => character.charCodeAt(0)) : utf8Bytes(text);
}

/** Each dash that begins an argument, written as any of the dashes that Windows takes for one. */
function windash({ patterns, isBytes }: Texts, context: ModifierContext): Texts {
  const texts = patterns.flatMap((pattern) => {
    const choices = pattern.map((part): readonly PatternPart[][] => {
      return part.kind === "text" ? dashed(part.text).map((text) => [{ kind: "text", text }]) : [[part]];
    });
    return product(choices, context);
  });
  return { patterns: texts, isBytes };
}

function dashed(text: string): string[] {
  const places = [...text.matchAll(ARGUMENT_DASH)].map(({ index }) => index);
  // With many dashes not every mixture is tried: all but the first few change alike.
  const free = places.slice(0, 3);
  const rest = places.slice(3);
  let texts = rest.length === 0 ? [text] : DASHES.map((dash) => replacedAt(text, rest, dash));
  for (const place of free) {
    texts = texts.flatMap((each) => DASHES.map((dash) => replacedAt(each, [place], dash)));
  }
  return texts;
}

function replacedAt(text: string, places: readonly number[], dash: string): string {
  const characters = text.split("");
  for (const place of places) {
    characters[place] = dash;
  }
  return characters.join("");
}

function expand({ patterns, isBytes }: Texts, context: ModifierContext): Texts {
  const texts = patterns.flatMap((pattern) => {
    const choices = pattern.flatMap((part) =>
      part.kind === "text" ? expanded(part.text, context) : [[[part]]],
    );
    return product(choices, context);
  });
  return { patterns: texts, isBytes };
}

/** For each piece of the text what may stand there. */
function expanded(text: string, { placeholders, span }: ModifierContext): (readonly PatternPart[])[][] {
  return text.split(PLACEHOLDER).map((piece, index) => {
    if (index % 2 === 0) {
      return [piece === "" ? [] : [{ kind: "text", text: piece } as const]];
    }
    const values = Object.hasOwn(placeholders, piece) ? placeholders[piece] : undefined;
    if (values === undefined || values.length === 0) {
      const message = `the placeholder %${piece}% has no value`;
      throw new RuleProblem("placeholder", message, `give values for ${piece}, or take out \`expand\``, span);
    }
    return values.map((value) => parsePattern(value));
  });
}

function product(
  choices: readonly (readonly (readonly PatternPart[])[])[],
  { span }: ModifierContext,
): Pattern[] {
  let found: (readonly PatternPart[])[] = [[]];
  for (const choice of choices) {
    if (found.length * choice.length > MAX_TEXTS) {
      const message = `one value stands for more than ${MAX_TEXTS} texts`;
      throw new RuleProblem("too-many-texts", message, "use fewer placeholders or dashes", span);
    }
    found = found.flatMap((start) => choice.map((end) => [...start, ...end]));
  }
  return found.map(joined);
}
