import fc from "fast-check";
import rhea from "rhea";
import { expect, test } from "vitest";
import {
  list,
  long,
  map,
  readCompound,
  readText,
  skipValue,
  symbol,
  text,
  timestamp,
  uint,
} from "../../../src/local/hub/encoding.ts";

/** The parts of rhea's codec that its typings leave out. */
const { Reader, Writer } = rhea.types as unknown as {
  Reader: new (bytes: Buffer) => { read(): { value: unknown }; remaining(): number };
  Writer: new () => { write(value: object): void; toBuffer(): Buffer };
};

function encoded(value: unknown): Buffer {
  const writer = new Writer();
  writer.write(rhea.types.wrap(value));
  return writer.toBuffer();
}

/** Whole numbers of 32 bits alone: larger ones rhea cannot write. */
const { anyValue } = fc.letrec((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string({ maxLength: 300 }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie("anyValue"), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie("anyValue"), { maxKeys: 5 }),
  ),
}));

test("skipValue: ends exactly where rhea's codec ended, for any value", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encoded(value);
      expect(skipValue(bytes, 0, bytes.length)).toBe(bytes.length);
    }),
  );
});

test("skipValue: whatever is cut off is noticed", () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), (value, cut) => {
      const bytes = encoded(value);
      const end = cut % bytes.length;
      expect(skipValue(bytes, 0, end)).toBe(-1);
    }),
  );
});

test("skipValue: never reads beyond the end or throws, whatever the bytes are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      const bytes = Buffer.from(noise);
      const end = skipValue(bytes, 0, bytes.length);
      expect(end).toBeGreaterThanOrEqual(-1);
      expect(end).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  { name: "a list", bytes: list([uint(1), text("two"), symbol("three")]) },
  { name: "a map", bytes: map([symbol("a"), long(-5), symbol("b"), timestamp(1_700_000_000_000)]) },
  { name: "a long text", bytes: text("x".repeat(300)) },
])("$name written by hand is one that rhea reads back", ({ bytes }) => {
  const reader = new Reader(bytes);
  reader.read();
  expect(reader.remaining()).toBe(0);
});

test("numbers keep their value", () => {
  expect([-1, 0, 2 ** 40 + 3].map((value) => new Reader(long(value)).read().value)).toEqual([
    -1,
    0,
    2 ** 40 + 3,
  ]);
});

test("texts and compounds are read in their short and long forms, and nothing else is taken for one", () => {
  expect([readText(text("a"), 0), readText(symbol("b".repeat(300)), 0), readText(uint(1), 0)]).toEqual([
    "a",
    "b".repeat(300),
    undefined,
  ]);
  expect(readCompound(Buffer.from([0x45]), 0)).toEqual({ items: 1, count: 0, end: 1 });
  expect(readCompound(Buffer.from([0xc0, 2, 1, 0x41]), 0)).toEqual({ items: 3, count: 1, end: 4 });
  expect(readCompound(list([uint(1)]), 0)).toEqual({ items: 9, count: 1, end: 14 });
  expect(readCompound(uint(1), 0)).toBeUndefined();
});
