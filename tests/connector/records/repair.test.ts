import fc from "fast-check";
import { expect, test } from "vitest";
import { repairJson } from "../../../src/connector/records/repair.ts";
import { isJson } from "../../../src/connector/records/scanner.ts";

function repair(text: string | Buffer) {
  const repaired = repairJson(Buffer.isBuffer(text) ? text : Buffer.from(text));
  return repaired && { text: repaired.bytes.toString("latin1"), kinds: repaired.kinds };
}

test.each([
  {
    name: "strings in single quotes",
    text: "{'a': 'b', \"c\": ['d']}",
    repaired: '{"a": "b", "c": ["d"]}',
    kinds: ["single-quotes"],
  },
  {
    name: "double quotes inside single quotes get an escape, and an escaped single quote loses its own",
    text: "{'a':'say \"no\", it\\'s \\\\ \\u0041'}",
    repaired: '{"a":"say \\"no\\", it\'s \\\\ \\u0041"}',
    kinds: ["single-quotes"],
  },
  {
    name: "a raw new line, tab and bell in a string, but not between values",
    text: '{"a":\n"1\n2\t3\u00074"}',
    repaired: '{"a":\n"1\\n2\\t3\\u00074"}',
    kinds: ["control-characters"],
  },
  {
    name: "a comma before a closing bracket, and the white space stays",
    text: '{"records":[{"a":[1,2 , ],},\n]}',
    repaired: '{"records":[{"a":[1,2  ]}\n]}',
    kinds: ["trailing-comma"],
  },
  { name: "NaN is null", text: '{"a":NaN,"b":[NaN]}', repaired: '{"a":null,"b":[null]}', kinds: ["nan"] },
  {
    name: "all at once, and what looks like a fault inside a string stays",
    text: "{'a':NaN,'b':'x\ny',\"c\":\"NaN,} it's\",}",
    repaired: '{"a":null,"b":"x\\ny","c":"NaN,} it\'s"}',
    kinds: ["single-quotes", "nan", "control-characters", "trailing-comma"],
  },
])("repaired: $name", ({ text, repaired, kinds }) => {
  expect(repair(text)).toEqual({ text: repaired, kinds });
});

test.each([
  { name: "JSON", text: '{"a":1}' },
  { name: "plain text, whatever it holds", text: "it's NaN, [ok]" },
  { name: "a text in single quotes alone", text: "'a'" },
  { name: "an object that ends too early", text: "{'a':'b'" },
  { name: "a string that never ends", text: "{'a" },
  { name: "an apostrophe that nothing escapes", text: "{'a':'it's'}" },
  { name: "nothing before a comma", text: "[,]" },
  { name: "a comma too many in the middle", text: "[1,,2]" },
  { name: "letters around NaN", text: "[xNaN]" },
  { name: "a backslash at the end", text: "['a\\" },
  { name: "no bytes", text: "" },
])("left alone: $name", ({ text }) => {
  expect(repair(text)).toBeUndefined();
});

test("bytes that are not UTF-8 stay as they are", () => {
  const text = Buffer.concat([Buffer.from("{'a':'"), Buffer.from([0xff, 0xfe]), Buffer.from("'}")]);
  expect(repair(text)?.text).toBe('{"a":"\u00ff\u00fe"}');
});

/** Writes a value as a careless service would. */
function carelessly(value: unknown, pick: () => number): string {
  const comma = () => (pick() % 2 === 0 ? "," : "");
  if (typeof value === "string") {
    const raw: Record<string, string> = { "\\n": "\n", "\\t": "\t" };
    const inner = JSON.stringify(value)
      .slice(1, -1)
      .replaceAll(/\\./g, (part) => raw[part] ?? part);
    if (pick() % 2 === 0) {
      return `"${inner}"`;
    }
    return `'${inner.replaceAll(/\\.|'/g, (part) => (part === "'" ? "\\'" : part === '\\"' ? '"' : part))}'`;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => carelessly(item, pick));
    return `[${items.join(",")}${items.length > 0 ? comma() : ""}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) => `${carelessly(key, pick)}:${carelessly(member, pick)}`,
    );
    return `{${members.join(",")}${members.length > 0 ? comma() : ""}}`;
  }
  return value === null && pick() % 2 === 0 ? "NaN" : JSON.stringify(value);
}

const container = fc.oneof(
  fc.array(fc.jsonValue({ stringUnit: "binary" })),
  fc.dictionary(fc.string(), fc.jsonValue()),
);

test("what a careless service wrote comes back as the value it meant", () => {
  fc.assert(
    fc.property(container, fc.infiniteStream(fc.nat(7)), (value, picks) => {
      const text = carelessly(value, () => picks.next().value as number);
      const repaired = repairJson(Buffer.from(text))?.bytes.toString() ?? text;
      // `-0` is written as `0` by JSON itself.
      expect(JSON.parse(repaired)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("JSON is never touched", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(repair(text)).toBeUndefined();
    }),
  );
});

test("a repaired text is JSON, of any bytes whatever", () => {
  const token = fc.constantFrom("{", "}", "[", "]", ",", ":", "'", '"', "\\", "\n", "NaN", "1", "a", " ");
  const text = fc.array(token, { maxLength: 14 }).map((tokens) => `[${tokens.join("")}`);
  fc.assert(
    fc.property(text, (hostile) => {
      const repaired = repairJson(Buffer.from(hostile));
      if (repaired === undefined) {
        return;
      }
      expect(isJson(Buffer.from(hostile))).toBe(false);
      expect(() => JSON.parse(repaired.bytes.toString())).not.toThrow();
    }),
    { numRuns: 2000 },
  );
});

test.each([
  { name: "commas", unit: "," },
  { name: "a comma and white space", unit: ", " },
  { name: "brackets", unit: "[" },
  { name: "single quotes", unit: "'" },
  { name: "backslashes", unit: "\\" },
  { name: "new lines", unit: "\n" },
  { name: "commas with much white space", unit: `,${" ".repeat(1000)}` },
])("four times as much of $name costs about four times as much", ({ unit }) => {
  const cpuMs = (bytes: number) => {
    const text = Buffer.from(`['${unit.repeat(bytes / unit.length)}`);
    const before = process.cpuUsage();
    repairJson(text);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  cpuMs(100_000);
  const small = cpuMs(1_000_000);
  // A quadratic repair would take 16 times as long; the constant covers a clock that is coarse.
  expect(cpuMs(4_000_000)).toBeLessThan(small * 10 + 50);
});

test("a text whose repair could fill the memory is left alone", () => {
  expect(repairJson(Buffer.from(`['${"\n".repeat(6 * 1024 * 1024)}']`))).toBeUndefined();
});
