/** The automaton against re2js: whether a pattern matches, where, and each group. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { findFormats, loadFormat } from "../../../src/ecs/load.ts";
import { emitPattern } from "../../../src/ecs/regex/emit.ts";
import { compileRegex, Regex } from "../../../src/ecs/regex/index.ts";
import { parsePattern } from "../../../src/ecs/regex/pattern-tree.ts";
import { readParser } from "../../../src/ecs/source/parser-file.ts";
import { grokReferences } from "../../../src/ecs/stages/grok-references.ts";
import { corpusFolder } from "../../conformance/corpus.ts";
import { expandGrok } from "../support/expand-grok.ts";

const MAX_CHARS = 1_000_000;

type Groups = { start: number; end: number; groups: (string | null)[] } | null;

/** What re2js says of a pattern, which is tried as a whole, at the start or anywhere. */
function reference(pattern: string, text: string, wrap: (source: string) => string): Groups {
  const tree = parsePattern(pattern, { keepUnnamed: true, maxChars: MAX_CHARS });
  const { source, captures } = emitPattern(tree.root);
  const matcher = RE2JS.compile(wrap(source)).matcher(text);
  if (!matcher.find()) {
    return null;
  }
  const groups = new Array<string | null>(tree.names.length).fill(null);
  captures.forEach((slot, index) => {
    groups[slot] = matcher.group(index + 1) ?? null;
  });
  return { start: matcher.start(), end: matcher.end(), groups };
}

function compiled(pattern: string): Regex {
  const regex = compileRegex(pattern, { keepUnnamed: true });
  if (!(regex instanceof Regex)) {
    throw new Error(`${pattern}: ${regex.reason}`);
  }
  return regex;
}

function expectSame(pattern: string, text: string): void {
  const regex = compiled(pattern);
  const whole = reference(pattern, text, (source) => `^(?:${source})$`);
  const first = reference(pattern, text, (source) => `^(?:${source})`);
  const anywhere = reference(pattern, text, (source) => source);
  expect(regex.fullMatch(text), `full ${pattern}`).toEqual(whole);
  expect(regex.startMatch(text), `start ${pattern}`).toEqual(first);
  const found = regex.search(text);
  // V8 runs plain separators, which have no captures to tell of.
  expect(found === null ? null : [found.start, found.end], `search ${pattern}`).toEqual(
    anywhere === null ? null : [anywhere.start, anywhere.end],
  );
  expect(regex.isFound(text), `found ${pattern}`).toBe(anywhere !== null);
  expect(regex.isStartMatch(text), `isStart ${pattern}`).toBe(first !== null);
}

const atom = fc.constantFrom(
  ..."ab =:1",
  "é",
  "😀",
  ".",
  "[ab]",
  "[^a]",
  "[^\\s]",
  "[^:]",
  "[a-z0-9]",
  "[[:alpha:]]",
  "\\d",
  "\\w",
  "\\W",
  "\\s",
  "\\S",
  "^",
  "$",
  "\\b",
  "\\B",
  "(?i:k)",
  "(?i:[a-c])",
  "(?s:.)",
  "(?m:^)",
  "(?m:$)",
);
const repeat = fc.constantFrom("", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?", "{2,}");
const patterns = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc
    .array(
      fc
        .array(
          fc.tuple(
            fc.oneof(
              { depthSize: "small", maxDepth: 3, withCrossShrink: true },
              atom,
              tie("pattern").map((inner) => `(${inner})`),
              tie("pattern").map((inner) => `(?:${inner})`),
            ),
            repeat,
          ),
          { maxLength: 4 },
        )
        // An assertion is not repeated, as no format does.
        .map((items) =>
          items.map(([item, times]) => (/^\^$|^\$$|^\\[bB]$|m:/.test(item) ? item : item + times)).join(""),
        ),
      { minLength: 1, maxLength: 3 },
    )
    .map((branches) => branches.join("|")),
})).pattern;
const texts = fc.string({
  unit: fc.constantFrom("a", "b", "k", "K", "\u212a", " ", "=", ":", "1", "é", "😀", "\n", "\ud83d"),
  maxLength: 12,
});

test("any pattern matches as re2js does, with the same groups", () => {
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      expectSame(pattern, text);
    }),
    { numRuns: 400 },
  );
}, 300_000);

const bundled = new URL("../../../formats", import.meta.url).pathname;

/** An expression, the patterns it may name, and the expression with them written out. */
type Grok = {
  readonly expression: string;
  readonly custom: ReadonlyMap<string, string>;
  readonly expanded: string;
};

/** The grok patterns of a format, references written out, and the texts of its tests. */
function grokOf(folder: string): { patterns: Grok[]; texts: string[] } {
  const files = loadFormat(folder);
  const { source } = readParser(files.parser.path, files.parser.text);
  const found = new Map<string, Grok>();
  for (const { external } of source?.pipeline ?? []) {
    const maps = external?.properties.filter(({ value }) => value.kind === "map") ?? [];
    const custom = new Map<string, string>();
    for (const { value } of maps) {
      for (const entry of value.kind === "map" ? value.entries : []) {
        if (entry.value.kind === "text") {
          custom.set(entry.key, entry.value.text.text);
        }
      }
    }
    const whole = external?.properties.find(({ key }) => key === "pattern")?.value;
    const expressions = [...custom.values(), ...(whole?.kind === "text" ? [whole.text.text] : [])];
    for (const expression of external?.stage.startsWith("grok.") === true ? expressions : []) {
      const expanded = expandGrok(expression, custom);
      if (typeof expanded === "string") {
        found.set(expanded, { expression, custom, expanded });
      }
    }
  }
  const tests = join(folder, "tests");
  const messages = readdirSync(tests)
    .filter((file) => file.endsWith(".json"))
    .map((file): unknown => JSON.parse(readFileSync(join(tests, file), "utf8")).input?.message);
  return { patterns: [...found.values()], texts: messages.filter((text) => typeof text === "string") };
}

const folders = [bundled, corpusFolder()].flatMap((folder) =>
  folder === undefined ? [] : findFormats(folder),
);

test.each(folders.map((folder) => ({ name: basename(folder), folder })))(
  "the patterns of $name match its events as re2js does",
  ({ folder }) => {
    const { patterns: own, texts: events } = grokOf(folder);
    for (const { expression, custom, expanded } of own) {
      const referenceAt = grokReferences(custom, new Set());
      const regex = compileRegex(expression, { keepUnnamed: false, referenceAt });
      if (!(regex instanceof Regex)) {
        continue;
      }
      const tree = parsePattern(expanded, { keepUnnamed: false, maxChars: MAX_CHARS });
      expect(regex.groupNames).toEqual(tree.names);
      const { source, captures } = emitPattern(tree.root);
      const engine = RE2JS.compile(`^(?:${source})$`);
      for (const text of events.slice(0, 4).map((event) => event.slice(0, 2000))) {
        const matcher = engine.matcher(text);
        const groups = new Array<string | null>(tree.names.length).fill(null);
        const isMatch = matcher.find();
        if (isMatch) {
          captures.forEach((slot, index) => {
            groups[slot] = matcher.group(index + 1) ?? null;
          });
        }
        expect(regex.fullMatch(text)?.groups ?? null).toEqual(isMatch ? groups : null);
      }
    }
  },
  300_000,
);
