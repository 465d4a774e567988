import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeInto, wordsOf } from "../../../src/connector/chunks/escape.ts";

/** As `JSON.stringify` has it, for bytes: each as the Latin-1 character of its own. */
const wanted = (bytes: Buffer) =>
  Buffer.from(JSON.stringify(bytes.toString("latin1")).slice(1, -1), "latin1");

/** Bytes that are often special, so that they meet at every place of a word. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x22, 0x5c, 0x0a, 0x00, 0x1f, 0x20, 0x21, 0x7f, 0x80, 0xa2, 0xdc, 0xff),
      fc.nat(255),
    ),
    {
      maxLength: 70,
    },
  )
  .map((list) => Buffer.from(list));

test("every byte is escaped as JSON.stringify does, wherever it lies in a word", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let place = 0; place < 9; place++) {
      const text = Buffer.alloc(9, "a");
      text[place] = byte;
      const out = Buffer.alloc(100, 0xee);
      const after = escapeInto(wordsOf(text), 0, 9, wordsOf(out), 3);
      expect(out.subarray(3, after)).toEqual(wanted(text));
    }
  }
});

test("any bytes between others are escaped, and nothing else is read or needed", () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (before, text, behind) => {
      const from = wordsOf(Buffer.concat([before, text, behind]));
      const out = Buffer.alloc(before.length + text.length * 6 + 8);
      const after = escapeInto(from, before.length, before.length + text.length, wordsOf(out), before.length);
      expect(out.subarray(before.length, after)).toEqual(wanted(text));
    }),
    { numRuns: 2000 },
  );
});

test("too little room is told, and never written past", () => {
  fc.assert(
    fc.property(bytes, fc.nat(120), (text, room) => {
      const memory = Buffer.alloc(room + 50, 0xee);
      const after = escapeInto(wordsOf(text), 0, text.length, wordsOf(memory.subarray(0, room)), 0);
      expect(memory.subarray(room).every((byte) => byte === 0xee)).toBe(true);
      if (after === -1) expect(wanted(text).length + 5).toBeGreaterThan(room);
      else expect(memory.subarray(0, after)).toEqual(wanted(text));
    }),
    { numRuns: 2000 },
  );
});
