import fc from "fast-check";
import rhea from "rhea";
import { describe, expect, test } from "vitest";
import {
  type Compound,
  type Extent,
  openBytes,
  openCompound,
  readBoolean,
  readInteger,
  readTimestampMs,
  readUint,
  skipValue,
  WireFault,
} from "../../../../src/connector/hub/amqp/values.ts";
import { long, timestamp } from "../../../../src/local/hub/encoding.ts";
import { valueAs } from "../support/rhea-codec.ts";

const { Writer } = rhea.types as unknown as {
  Writer: new () => { write(value: object): void; toBuffer(): Buffer };
};

/** The value as rhea encodes it. */
function encoded(value: unknown): Buffer {
  const writer = new Writer();
  writer.write(rhea.types.wrap(value));
  return writer.toBuffer();
}

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

const { anyValue } = fc.letrec((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    // Beyond this, rhea writes no number.
    fc.double({ min: -1e15, max: 1e15 }),
    fc.string({ maxLength: 300 }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie("anyValue"), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie("anyValue"), { maxKeys: 5 }),
  ),
}));

/** A function that reads the value at 0, given where the bytes end. */
type Read = (bytes: Buffer, end: number) => unknown;

/** Bytes behind the end are there, as in a read buffer, but must not count. */
function isFaultAtEachCut(bytes: Buffer, read: Read): boolean {
  return Array.from(bytes, (_, end) => {
    try {
      read(bytes, end);
      return false;
    } catch (thrown) {
      return thrown instanceof WireFault;
    }
  }).every(Boolean);
}

describe("skipValue", () => {
  test("ends where rhea's encoder ended, and notices whatever is cut off", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = encoded(value);
        expect(skipValue(bytes, 0, bytes.length)).toBe(bytes.length);
        // What the cut leaves of a large value is tried near its ends alone.
        const shown = bytes.length > 300 ? bytes.subarray(0, 300) : bytes;
        expect(isFaultAtEachCut(shown, (all, end) => skipValue(all, 0, end))).toBe(true);
      }),
    );
  });

  test.each([
    { name: "a fixed width of 0 to 16 bytes", bytes: "40", end: 1 },
    { name: "a UUID", bytes: `98 ${"00".repeat(16)}`, end: 17 },
    { name: "a described value: its descriptor and itself", bytes: "00 53 14 a1 01 61", end: 6 },
    { name: "a descriptor that is described", bytes: "00 00 53 01 53 02 41", end: 7 },
    { name: "an array by its size, whatever it claims to hold", bytes: "f0 00000005 ffffffff 40", end: 10 },
  ])("steps over $name", ({ bytes, end }) => {
    expect(skipValue(hex(bytes), 0, end)).toBe(end);
  });

  test.each([
    { name: "a size of 4 GiB", bytes: "b0 ffffffff 00" },
    {
      name: "a size of 2 GiB, which a signed number would take for less than nothing",
      bytes: "b0 80000000 00",
    },
    { name: "no constructor", bytes: "3f 00 00" },
    { name: "nothing at all", bytes: "" },
    { name: "a hundred thousand descriptors and no value", bytes: "00".repeat(100_000) },
  ])("calls it a fault: $name", ({ bytes }) => {
    const all = hex(bytes);
    expect(() => skipValue(all, 0, all.length)).toThrow(WireFault);
  });

  test("any bytes give an index behind the value, or a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        const bytes = Buffer.from(any);
        try {
          const end = skipValue(bytes, 0, bytes.length);
          expect(end).toBeGreaterThan(0);
          expect(end).toBeLessThanOrEqual(bytes.length);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(WireFault);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

test.each([
  { name: "the short zero", bytes: "43", value: 0 },
  { name: "one byte", bytes: "52 ff", value: 255 },
  { name: "a ubyte", bytes: "50 07", value: 7 },
  { name: "a ushort", bytes: "60 ffff", value: 65_535 },
  { name: "four bytes, all set", bytes: "70 ffffffff", value: 4_294_967_295 },
  { name: "null, which stands for no value", bytes: "40", value: -1 },
  { name: "text, which is none", bytes: "a1 01 61", value: -1 },
  { name: "one cut off", bytes: "70 ffffff", value: -1 },
  { name: "a ushort cut off", bytes: "60 ff", value: -1 },
  { name: "a byte cut off", bytes: "52", value: -1 },
])("readUint: $name", ({ bytes, value }) => {
  const all = hex(bytes);
  expect(readUint(Buffer.concat([all, hex("ffffffff")]), 0, all.length)).toBe(value);
});

test.each([
  { name: "true", bytes: "41", value: true },
  { name: "false", bytes: "42", value: false },
  { name: "true with a byte", bytes: "56 01", value: true },
  { name: "false with a byte", bytes: "56 00", value: false },
  { name: "null, which stands for false", bytes: "40", value: false },
  { name: "a byte that is cut off", bytes: "56", value: false },
])("readBoolean: $name", ({ bytes, value }) => {
  const all = hex(bytes);
  expect(readBoolean(Buffer.concat([all, hex("01")]), 0, all.length)).toBe(value);
});

describe("readInteger", () => {
  test("reads back what the hub's encoder writes, of every width", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(readInteger(long(value), 0, 9)).toBe(value);
        expect(readTimestampMs(timestamp(value), 0)).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -128, max: 127 }), (value) => {
        for (const code of [0x55, 0x54, 0x51]) {
          expect(readInteger(valueAs(code, value), 0, 2)).toBe(value);
        }
        expect(readInteger(valueAs(0x71, value * 2 ** 24), 0, 5)).toBe(value * 2 ** 24);
      }),
    );
  });

  test.each([
    { name: "the largest exact one", bytes: "81 001fffffffffffff", value: 9_007_199_254_740_991 },
    { name: "the smallest exact one", bytes: "81 ffe0000000000001", value: -9_007_199_254_740_991 },
    { name: "minus one", bytes: "81 ffffffffffffffff", value: -1 },
    { name: "an unsigned one", bytes: "80 0000000100000000", value: 4_294_967_296 },
    { name: "the short zero", bytes: "44", value: 0 },
    { name: "a small unsigned one", bytes: "53 ff", value: 255 },
    { name: "an uint", bytes: "70 ffffffff", value: 4_294_967_295 },
  ])("$name", ({ bytes, value }) => {
    const all = hex(bytes);
    expect(readInteger(all, 0, all.length)).toBe(value);
  });

  test.each([
    { name: "one more than the largest exact one", bytes: "81 0020000000000000" },
    { name: "the largest of 64 bits", bytes: "81 7fffffffffffffff" },
    { name: "the smallest of 64 bits", bytes: "81 8000000000000000" },
    { name: "the largest unsigned one", bytes: "80 ffffffffffffffff" },
    { name: "text", bytes: "a1 01 31" },
    { name: "a double", bytes: "82 3ff0000000000000" },
    { name: "null", bytes: "40" },
    { name: "nothing", bytes: "" },
  ])("calls it a fault: $name", ({ bytes }) => {
    const all = hex(bytes);
    expect(() => readInteger(all, 0, all.length)).toThrow(WireFault);
  });

  test.each(["81", "80", "83", "55", "71", "53", "70", "60", "52"])(
    "notices what is cut off of 0x%s",
    (code) => {
      const bytes = hex(`${code} 0000000000000000`);
      const width = skipValue(bytes, 0, bytes.length);
      expect(isFaultAtEachCut(bytes.subarray(0, width), (all, end) => readInteger(all, 0, end))).toBe(true);
    },
  );
});

describe("openCompound", () => {
  const open = (bytes: Buffer, end: number): Compound => {
    const into: Compound = { first: -1, end: -1, count: -1 };
    openCompound(bytes, 0, end, into);
    return into;
  };

  test.each([
    { name: "an empty list", bytes: "45", content: { first: 1, end: 1, count: 0 } },
    { name: "null", bytes: "40", content: { first: 1, end: 1, count: 0 } },
    { name: "a short list", bytes: "c0 02 01 41", content: { first: 3, end: 4, count: 1 } },
    { name: "a short map", bytes: "c1 03 02 41 42", content: { first: 3, end: 5, count: 2 } },
    { name: "a long list", bytes: "d0 00000005 00000001 41", content: { first: 9, end: 10, count: 1 } },
    { name: "a long map", bytes: "d1 00000006 00000002 41 42", content: { first: 9, end: 11, count: 2 } },
  ])("finds the content of $name, and notices what is cut off", ({ bytes, content }) => {
    const all = hex(bytes);
    expect(open(all, all.length)).toEqual(content);
    expect(isFaultAtEachCut(all, open)).toBe(true);
  });

  test.each([
    { name: "text", bytes: "a1 01 61" },
    { name: "an array", bytes: "e0 03 01 52 01" },
    { name: "a size too small for its count", bytes: "c0 00 01 41" },
    { name: "a long size too small for its count", bytes: "d0 00000003 00000001 41" },
    { name: "a size of 4 GiB", bytes: "d0 ffffffff 00000001 41" },
  ])("calls it a fault: $name", ({ bytes }) => {
    const all = hex(bytes);
    expect(() => open(all, all.length)).toThrow(WireFault);
  });
});

describe("openBytes", () => {
  const open = (bytes: Buffer, end: number): Extent => {
    const into: Extent = { start: -1, end: -1 };
    openBytes(bytes, 0, end, into);
    return into;
  };

  test.each([0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3])(
    "finds the content of 0x%x, and notices what is cut off",
    (code) => {
      const bytes = valueAs(code, code === 0xa0 || code === 0xb0 ? Buffer.from("abc") : "abc");
      const { start, end } = open(bytes, bytes.length);
      expect(bytes.toString("latin1", start, end)).toBe("abc");
      expect(isFaultAtEachCut(bytes, open)).toBe(true);
    },
  );

  test.each([
    { name: "a list", bytes: "45" },
    { name: "null", bytes: "40" },
    { name: "a size of 4 GiB", bytes: "b0 ffffffff 61" },
  ])("calls it a fault: $name", ({ bytes }) => {
    const all = hex(bytes);
    expect(() => open(all, all.length)).toThrow(WireFault);
  });
});
