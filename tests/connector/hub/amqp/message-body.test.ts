import fc from "fast-check";
import rhea from "rhea";
import { expect, test } from "vitest";
import { buildBody } from "../../../../src/connector/hub/amqp/message-body.ts";
import { described, list, map, symbol, text } from "../../../../src/local/hub/encoding.ts";
import { valueAs } from "../support/rhea-codec.ts";

const { wrap_ulong, wrap_timestamp, wrap_array } = rhea.types;
const annotations = described(0x72, map([symbol("x-opt-offset"), text("1")]));
const data = (body: string) => described(0x75, valueAs(0xb0, Buffer.from(body)));

/** A value of fixed width, its content in hexadecimal. */
function fixedValue(code: number, hex: string): Buffer {
  return Buffer.concat([Buffer.from([code]), Buffer.from(hex, "hex")]);
}

test.each([
  {
    name: "several data sections are joined",
    message: Buffer.concat([data("a"), data(""), data("b")]),
    body: "ab",
  },
  {
    name: "a data section goes before a value",
    message: Buffer.concat([data("a"), described(0x77, text("b"))]),
    body: "a",
  },
  { name: "no body is no byte", message: annotations, body: "" },
  { name: "no message is no byte", message: Buffer.alloc(0), body: "" },
  { name: "text stays as it is", message: rhea.message.encode({ body: 'ünïcode "x"' }), body: 'ünïcode "x"' },
  {
    name: "bytes stay as they are",
    message: described(0x77, valueAs(0xa0, Buffer.from("bytes"))),
    body: "bytes",
  },
  { name: "null is no byte", message: described(0x77, Buffer.from([0x40])), body: "" },
  { name: "a number is JSON", message: rhea.message.encode({ body: 42 }), body: "42" },
  { name: "a map is JSON", message: rhea.message.encode({ body: { a: [1, null] } }), body: '{"a":[1,null]}' },
  {
    name: "a map that looks like rhea's sequence is a map",
    message: rhea.message.encode({ body: { typecode: 118, content: "x" } }),
    body: '{"typecode":118,"content":"x"}',
  },
  {
    name: "a time is written as ISO 8601",
    message: rhea.message.encode({ body: wrap_timestamp(0) }),
    body: '"1970-01-01T00:00:00.000Z"',
  },
  {
    name: "an array is JSON",
    message: rhea.message.encode({ body: wrap_array([1, 2], 0x70, undefined) }),
    body: "[1,2]",
  },
  {
    name: "an integer over 2^53 is exact, in an array too",
    message: rhea.message.encode({
      body: [wrap_ulong(Buffer.from("ffffffffffffffff", "hex")), wrap_array([1], 0x81, undefined)],
    }),
    body: "[18446744073709551615,[1]]",
  },
  {
    name: "the smallest long is exact",
    message: described(0x77, fixedValue(0x81, "8000000000000000")),
    body: "-9223372036854775808",
  },
  {
    name: "infinities and what is not a number are texts",
    message: rhea.message.encode({
      body: [Infinity, -Infinity, Number.NaN, 1.5].map((each) => rhea.types.wrap_double(each)),
    }),
    body: '["Infinity","-Infinity","NaN",1.5]',
  },
  {
    name: "a map keeps its order, keys that come twice, and any key",
    message: described(
      0x77,
      map([text("b"), text("1"), text("10"), text("2"), text("b"), Buffer.from([0x43])]),
    ),
    body: '{"b":"1","10":"2","b":0}',
  },
  {
    name: "a key that is a number is a text",
    message: described(0x77, map([Buffer.from([0x53, 7]), text("x")])),
    body: '{"7":"x"}',
  },
  {
    name: "binary inside is text, or base64",
    message: described(
      0x77,
      list([valueAs(0xa0, Buffer.from("é")), valueAs(0xa0, Buffer.from([0xff])), symbol("s")]),
    ),
    body: '["é","/w==","s"]',
  },
  {
    name: "a UUID, a character, a time beyond the calendar and a decimal",
    message: described(
      0x77,
      list([
        fixedValue(0x98, "00112233445566778899aabbccddeeff"),
        fixedValue(0x73, "0001f600"),
        fixedValue(0x83, "7fffffffffffffff"),
        fixedValue(0x74, "00000001"),
      ]),
    ),
    body: '["00112233-4455-6677-8899-aabbccddeeff","😀",9223372036854775807,"00000001"]',
  },
  {
    name: "an array of texts",
    message: rhea.message.encode({ body: wrap_array(["a", "bc", ""], 0xa1, undefined) }),
    body: '["a","bc",""]',
  },
  {
    name: "a sequence is JSON",
    message: rhea.message.encode({ body: rhea.message.sequence_section([1, "x"]) }),
    body: '[1,"x"]',
  },
  {
    name: "several sequences are one",
    message: Buffer.concat([
      described(0x76, list([text("a")])),
      described(0x76, list([text("b"), text("c")])),
    ]),
    body: '["a","b","c"]',
  },
  {
    name: "what stands beside the body does not matter",
    message: Buffer.concat([
      annotations,
      described(0x74, map([text("k"), text("v")])),
      rhea.message.encode({ body: wrap_ulong(7) }),
    ]),
    body: "7",
  },
])("buildBody: $name", ({ message, body }) => {
  expect(buildBody(message).toString()).toBe(body);
});

const nested = (depth: number) => {
  let value = Buffer.from([0x40]);
  for (; depth > 0; depth--) {
    value = list([value]) as Buffer<ArrayBuffer>;
  }
  return value;
};

test.each([
  { name: "an array of 4,294,967,295 nulls", value: [0xf0, 0, 0, 0, 5, 255, 255, 255, 255, 0x40] },
  { name: "an array of 255 nulls in 3 bytes", value: [0xe0, 2, 255, 0x40] },
  {
    name: "an array of more UUIDs than there are bytes",
    value: [0xf0, 0, 0, 0, 5, 255, 255, 255, 255, 0x98],
  },
  { name: "an array of arrays", value: [0xf0, 0, 0, 0, 6, 0, 0, 0, 1, 0xe0, 0] },
  { name: "an array without items' type", value: [0xe0, 1, 255] },
  { name: "a list of more than it holds", value: [0xd0, 0, 0, 0, 4, 255, 255, 255, 255] },
  { name: "a list that ends too early", value: [0xd0, 0, 0, 1, 0, 0, 0, 0, 1] },
  { name: "an array deep inside", value: list([map([text("k"), Buffer.from([0xe0, 2, 255, 0x40])])]) },
  { name: "a hundred thousand descriptors", value: Buffer.alloc(100_000) },
  { name: "lists in lists, 20,000 deep", value: nested(20_000) },
])("buildBody: $name stays as it came", ({ value }) => {
  const message = described(0x77, Buffer.from(value));
  expect(buildBody(message).equals(message)).toBe(true);
});

test("buildBody: any bytes give a body of no more than a few times their size, and leave them alone", () => {
  const header = fc.constantFrom(0x75, 0x76, 0x77).map((code) => Buffer.from([0x00, 0x53, code]));
  const hostile = fc.tuple(
    header,
    fc.constantFrom(0xc0, 0xc1, 0xd0, 0xe0, 0xf0, 0xb1, 0x00),
    fc.uint8Array({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(hostile, ([head, code, rest]) => {
      const message = Buffer.concat([head, Buffer.from([code]), rest]);
      const before = Buffer.from(message);
      const body = buildBody(message);
      expect(body.length).toBeLessThan(20 * message.length);
      expect(message.equals(before)).toBe(true);
      body.fill(0xff);
      expect(message.equals(before)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
