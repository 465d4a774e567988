import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileIndicators, compileRules, type RuleEvent } from "../../src/rules/index.ts";
import { compileNaively } from "./support/naive.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const words = fc.constantFrom("a", "ab", "b", "ba", "aba", "B", "İ", "ς", "", "-a", "a b", "1", "07");
const field = fc.constantFrom("x", "y", "x.z", "y.z");
const modifier = fc.constantFrom(
  "",
  "|contains",
  "|startswith",
  "|endswith",
  "|cased",
  "|contains|all",
  "|neq",
  "|re",
);
const item = fc.tuple(
  field,
  modifier,
  fc.array(fc.oneof(words, fc.constantFrom("a*", "*b", "?b*", "a?")), { minLength: 1, maxLength: 3 }),
);
const selection = fc.array(item, { minLength: 1, maxLength: 3 });
const condition = fc.constantFrom(
  "s0",
  "s0 and not s1",
  "1 of s*",
  "all of s*",
  "not s0",
  "s0 or (s1 and not s0)",
);
const value = fc.oneof(words, fc.integer({ max: 9 }), fc.constant(null), fc.array(words, { maxLength: 2 }));
const event = fc.dictionary(field, fc.oneof(value, fc.record({ z: value })));

test("the index finds what trying every rule finds", () => {
  const rules = fc.array(fc.tuple(selection, selection, condition), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(rules, fc.array(event, { maxLength: 5 }), (drawn, events) => {
      const texts = drawn.map(([s0, s1, text], index) => ({
        name: `r${index}`,
        text: JSON.stringify({
          title: `r${index}`,
          logsource: { product: "p" },
          detection: { s0: toMap(s0), s1: toMap(s1), condition: text },
        }),
      }));
      const options = { dialect: "standard" } as const;
      const { rules: compiled } = compileRules(texts, options);
      const naive = compileNaively(texts, options);
      for (const each of events) {
        expect(compiled.match(each, { now: NOW }).map(({ rule }) => rule.title)).toEqual(naive.match(each));
      }
    }),
    { numRuns: 300 },
  );
});

/** A pattern must be one; the other texts may be any. */
function toMap(
  items: readonly (readonly [string, string, readonly string[]])[],
): Record<string, readonly string[]> {
  return Object.fromEntries(
    items.map(([name, modifiers, values]) => {
      const usable = modifiers === "|re" ? values.map((text) => text.replaceAll(/[*?]/g, ".")) : values;
      return [`${name}${modifiers}`, usable];
    }),
  );
}

test("no text of a rule or an indicator file throws", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.json(),
    fc.constantFrom(
      "[".repeat(5_000),
      "a: &a [*a]",
      "? {a: b}\n: c",
      `${"- ".repeat(3_000)}x`,
      "title: x\ndetection:\n  condition: ((((",
      "detection: {a: {b|re: '['}, condition: a}",
    ),
  );
  fc.assert(
    fc.property(nasty, fc.constantFrom("standard", "platform"), (text, dialect) => {
      const { rules } = compileRules([{ name: "n", text }], {
        dialect: dialect === "standard" ? "standard" : "platform",
      });
      rules.match({ a: "b" }, { now: NOW });
      compileIndicators([{ name: "n", text }]).indicators.match({ a: "b" }, { now: NOW });
    }),
    { numRuns: 300 },
  );
});

const HOSTILE_RULES = ["*a*a*a*a*a*b", "*a?a?a?a?b*", "*?a?*?a?*c"]
  .map((text) => `x: '${text}'`)
  .concat([
    "x|re: '(a+)+$'",
    "x|re: '(a|aa)*b'",
    "x|contains: ['a', 'aa', 'aaa', 'aaaa']",
    "x|cidr: 10.0.0.0/8",
    "x|fieldref: y",
  ])
  .map((text, index) => ({
    name: `h${index}`,
    text: `title: h${index}\ndetection:\n  s:\n    ${text}\n  k:\n    - evil\n  condition: 1 of them\n`,
  }));

function nested(depth: number): RuleEvent {
  let inner: RuleEvent = { x: "a" };
  for (let at = 0; at < depth; at++) {
    inner = { x: inner };
  }
  return inner;
}

test.each<{ name: string; event: RuleEvent }>([
  { name: "a long text", event: { x: "a".repeat(300_000), y: "a".repeat(1_000) } },
  { name: "deep nesting", event: nested(20_000) },
  { name: "many values", event: { x: new Array(50_000).fill("a"), y: new Array(50_000).fill("a") } },
  {
    name: "many fields",
    event: Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`x.${at}`, "a"])),
  },
  {
    name: "special keys",
    event: JSON.parse('{"__proto__": {"x": 1}, "constructor": {"prototype": {}}, "x": {"toString": 1}}'),
  },
])("hostile rules take $name without an exception", ({ event: given }) => {
  const { rules, diagnostics } = compileRules(HOSTILE_RULES, { dialect: "standard" });
  expect(diagnostics).toEqual([]);
  expect(() => rules.match(given, { now: NOW })).not.toThrow();
});

test.each([
  { name: "20,000 keys", count: 20_000, code: undefined },
  { name: "500,000 keys", count: 500_000, code: "too-large" },
])("a rule file of $name costs little", ({ count, code }) => {
  const keys = Array.from({ length: count }, (_, i) => `k${i}: v`).join("\n");
  const text = `title: A\nlogsource: { product: windows }\ndetection:\n  a: { x: 1 }\n  condition: a\n${keys}\n`;
  const started = process.threadCpuUsage().user;
  const { diagnostics } = compileRules([{ name: "a.yml", text }], { dialect: "standard" });
  expect((process.threadCpuUsage().user - started) / 1000).toBeLessThan(3_000);
  if (code !== undefined) {
    expect(diagnostics).toMatchObject([{ severity: "error", code }]);
  }
});

test("a key that a map of a rule has twice is told with its place", () => {
  const text = "title: A\nlogsource: { product: windows }\ndetection:\n  a: { x: 1, x: 2 }\n  condition: a\n";
  expect(compileRules([{ name: "a.yml", text }], { dialect: "standard" }).diagnostics).toMatchObject([
    { message: "Map keys must be unique", span: { line: 4, column: 14 } },
  ]);
});
