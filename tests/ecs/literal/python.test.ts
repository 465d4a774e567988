import fc from "fast-check";
import { expect, test } from "vitest";
import { StageFailure } from "../../../src/ecs/contract/stage.ts";
import { Float, Tuple, type Value } from "../../../src/ecs/contract/value.ts";
import { parsePythonLiteral } from "../../../src/ecs/literal/python-literal.ts";

test.each<{ name: string; text: string; value: Value }>([
  {
    name: "a dict with single quotes",
    text: "{'a': 1, 'b': [True, False, None]}",
    value: new Map<string, Value>([
      ["a", 1],
      ["b", [true, false, null]],
    ]),
  },
  { name: "a comma at the end", text: "['x', 'y',]", value: ["x", "y"] },
  {
    name: "a tuple needs no brackets",
    text: "(1, 2), (3,), ()",
    value: Tuple.holding([Tuple.holding([1, 2]), Tuple.holding([3]), new Tuple()]),
  },
  { name: "brackets around one value", text: "((1))", value: 1 },
  {
    name: "numbers",
    text: "[0x1F, 0o17, 0b11, 1_000, 1.0, .5, 1e3, 00, -2, +3, --4, -1.0]",
    value: [31, 15, 3, 1000, new Float(1), 0.5, new Float(1000), 0, -2, 3, 4, new Float(-1)],
  },
  { name: "large integers", text: "-9007199254740993", value: -9007199254740993n },
  {
    name: "keys of other types",
    text: "{1: 'a', 2.0: 'b', None: 'c', True: 'd'}",
    value: new Map<Value, Value>([
      [1, "a"],
      [2, "b"],
      [null, "c"],
      [true, "d"],
    ]) as Value,
  },
  { name: "texts side by side", text: "'a' \"b\" '''c\n'd'''", value: "abc\n'd" },
  {
    name: "escapes",
    text: String.raw`'\n\t\\\'\"\x41\101\u00e9\U0001F600\d\
'`,
    value: "\n\t\\'\"AAé😀\\d",
  },
  { name: "raw texts", text: String.raw`r'\n\''`, value: String.raw`\n\'` },
  { name: "blanks and lines", text: " [\n1\n,\t2 ]\n", value: [1, 2] },
  {
    name: "tuples",
    text: "[(1, 2), (3,), ()]",
    value: [Tuple.holding([1, 2]), Tuple.holding([3]), new Tuple()],
  },
])("parsePythonLiteral: $name", ({ text, value }) => {
  expect(parsePythonLiteral(text)).toStrictEqual(value);
});

test.each(
  [
    "",
    "x",
    "null",
    '["x", null]',
    "[1",
    "[1 2]",
    "{'a'",
    "{'a':}",
    "{'a': 1 'b'}",
    "{'a', 'b'}",
    "{[1]: 2}",
    "{}x",
    "'a",
    "'a\nb'",
    "'\\x4'",
    "'C:\\Users'",
    "'\\U00110000'",
    "'\\N{DASH}'",
    "007",
    "1__0",
    "1abc",
    "1None",
    "1_",
    "1j",
    "b'x'",
    "-",
    "-'a'",
    "f()",
    "[1] + [2]",
    "1,,",
    "(",
    "(1 2)",
    "(1, 2",
    "[".repeat(50_000),
    `${"(".repeat(190)}1`,
    "{1:".repeat(300),
    "9".repeat(5_000),
  ].map((text) => ({ name: JSON.stringify(text.slice(0, 20)), text })),
)("parsePythonLiteral refuses $name", ({ text }) => {
  expect(parsePythonLiteral(text)).toBeInstanceOf(StageFailure);
});

test("any text is a value or a failure, in linear time", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    "'",
    '"',
    "'a'",
    "1",
    ".5",
    "-",
    "\\",
    "None",
    " ",
    "\n",
    "r'",
    "0x",
    "e",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      parsePythonLiteral(parts.join(""));
    }),
    { numRuns: 3_000 },
  );
});
