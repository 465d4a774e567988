import { expect, test } from "vitest";
import { numberedText, plainJson, plainText } from "../../src/kernel/hidden-characters.ts";

const HIDDEN = ["\u001b", "\u007f", "\u009b", "\u061c", "\u200f", "\u202e", "\u2066", "\u2028"];

test.each(HIDDEN.map((character) => ({ character, code: character.charCodeAt(0).toString(16) })))(
  "U+$code reaches no terminal",
  ({ character }) => {
    const text = `a${character}b`;
    expect(plainText(text)).toBe("a b");
    const json = plainJson(JSON.stringify({ text }));
    expect(json).not.toContain(character);
    expect(JSON.parse(json)).toEqual({ text });
    expect(numberedText(`${text}\n`)).toMatch(/^aU\+[0-9a-f]{4}b\n$/);
  },
);
