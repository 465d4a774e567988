import fc from "fast-check";
import { expect, test } from "vitest";
import { type Reads, StageFailure } from "../../../src/ecs/contract/stage.ts";
import { Float, type Value } from "../../../src/ecs/contract/value.ts";
import { parseJson } from "../../../src/ecs/literal/json-literal.ts";

test.each<{ name: string; text: string; value: Value }>([
  { name: "whole floats stay floats", text: "[1.0, 1, 1e2]", value: [new Float(1), 1, new Float(100)] },
  { name: "fractions are numbers", text: "[-1.5, 1.5E-1]", value: [-1.5, 0.15] },
  { name: "integers have 64 bits", text: "9007199254740993", value: 9007199254740993n },
  {
    name: "larger integers are floats",
    text: "[-9223372036854775809, 18446744073709551616]",
    value: [new Float(-(2 ** 63)), new Float(2 ** 64)],
  },
  { name: "sixteen digits may be safe", text: "-9007199254740991", value: -9007199254740991 },
  { name: "minus zero is zero", text: "-0", value: 0 },
  { name: "minus zero as a float is one", text: "-0.0", value: new Float(-0) },
  { name: "floats overflow", text: "1e999", value: Number.POSITIVE_INFINITY },
  {
    name: "words",
    text: "[true,false,null,NaN,Infinity,-Infinity]",
    value: [true, false, null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  },
  {
    name: "keys keep their order, numbers too",
    text: '{"b":1,"10":2,"2":3}',
    value: new Map([
      ["b", 1],
      ["10", 2],
      ["2", 3],
    ]),
  },
  {
    name: "the last of repeated keys wins",
    text: '{"a":1,"b":2,"a":3}',
    value: new Map([
      ["a", 3],
      ["b", 2],
    ]),
  },
  {
    name: "no key is special",
    text: '{"__proto__":{"constructor":1}}',
    value: new Map([["__proto__", new Map([["constructor", 1]])]]),
  },
  { name: "escapes", text: '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"', value: '"\\/\b\f\n\r\té😀' },
  { name: "escapes in keys", text: '{"\\u0061\\n":1}', value: new Map([["a\n", 1]]) },
  { name: "half a pair", text: '"\\ud83d"', value: "\ud83d" },
  {
    name: "blanks",
    text: ' { "a" : [ 1 , 2 ] , "b" : { } } \r\n\t',
    value: new Map<string, Value>([
      ["a", [1, 2]],
      ["b", new Map()],
    ]),
  },
  {
    name: "empty ones",
    text: '{"":[],"e":""}',
    value: new Map<string, Value>([
      ["", []],
      ["e", ""],
    ]),
  },
])("parseJson: $name", ({ text, value }) => {
  expect(parseJson(text)).toStrictEqual(value);
});

test.each(
  [
    "",
    " ",
    "{",
    "[",
    "[1",
    "[1,",
    "[1,]",
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    "{a:1}",
    "{'a':1}",
    '{"a" 1}',
    '{"a":1 "b":2}',
    "[1 2]",
    '"',
    '"a',
    '"\\',
    '"\\x"',
    '"\\u12g4"',
    '"a\nb"',
    '{"a\n":1}',
    '{"a',
    "01",
    "-",
    "-x",
    "1.",
    ".5",
    "+1",
    "1e",
    "tru",
    "nul",
    "1 1",
    "{} x",
    "\ufeff1",
    "[".repeat(100_000),
    "1".repeat(4_301),
  ].map((text) => ({ name: JSON.stringify(text.slice(0, 20)), text })),
)("parseJson refuses $name", ({ text }) => {
  expect(parseJson(text)).toBeInstanceOf(StageFailure);
});

function plain(value: Value): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value === "bigint") {
    return Number(value);
  }
  return value instanceof Float ? value.value : value;
}

test("parseJson reads what JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const result = parseJson(text);
      expect(JSON.stringify(plain(result as Value))).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 1_000 },
  );
});

test("parseJson refuses what JSON.parse refuses, except Python's own words", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    ".",
    "e",
    "0",
    "\\",
    "n",
    "null",
    " ",
    "\n",
    "\u0001",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      let accepted = true;
      try {
        JSON.parse(text);
      } catch {
        accepted = false;
      }
      expect(!(parseJson(text) instanceof StageFailure)).toBe(accepted);
    }),
    { numRuns: 5_000 },
  );
});

test("what is read of a JSON text is the same whether or not the rest of it is read too", () => {
  const reads: Reads = new Map<string, Reads>([
    ["a", "all"],
    [
      "b",
      new Map<string, Reads>([
        ["a", "all"],
        ["b", new Map()],
      ]),
    ],
    ["\u00e9", new Map([["a", "all"]])],
  ]);
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<unknown>(null, true, 1.5, -20, "x", 'a "text"\n', "\u00e9\ud800"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "\u00e9", "c", 'd"'), tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  const change = fc.tuple(
    fc.nat(),
    fc.constantFrom("", '"', "\\", "\\u00e", "{", "}", "[", "]", ",", ":", "0", " ", "\n"),
  );
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2), fc.option(change), (plainValue, indent, changed) => {
      const text = JSON.stringify(plainValue, null, indent);
      const at = changed === null ? 0 : changed[0] % (text.length + 1);
      const broken = changed === null ? text : text.slice(0, at) + changed[1] + text.slice(at + 1);
      const whole = parseJson(broken);
      const part = parseJson(broken, reads);
      expect(part).toEqual(whole instanceof StageFailure ? whole : partOf(whole, reads));
    }),
    { numRuns: 3_000 },
  );
});

test("what nothing reads may be as deep as it likes", () => {
  const deep = `${'[{"a":'.repeat(10_000)}1${"}]".repeat(10_000)}`;
  expect(parseJson(`{"x":${deep},"a":1}`, new Map([["a", "all"]]))).toEqual(new Map([["a", 1]]));
  expect(parseJson(`{"x":${deep.slice(0, -1)},"a":1}`, new Map([["a", "all"]]))).toBeInstanceOf(StageFailure);
});

function partOf(value: Value, reads: Reads): Value {
  if (reads === "all") {
    return value;
  }
  if (!(value instanceof Map)) {
    return Array.isArray(value) ? [] : value;
  }
  return new Map(
    [...value].flatMap(([key, item]) => {
      const below = reads.get(String(key));
      return below === undefined ? [] : [[key, partOf(item, below)]];
    }),
  );
}
