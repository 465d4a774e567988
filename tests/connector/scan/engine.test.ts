import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TextEngine, textEngineFor } from "../../../src/connector/scan/engine.ts";

const engine = new TextEngine(1024 * 1024);
const ROOT = path.join(import.meta.dirname, "../../..");

function escaped(text: Buffer, maxBytes = 1000, using = engine): Buffer | undefined {
  const start = using.place(text, 0, text.length);
  const length = using.escape(start, start + text.length, maxBytes);
  if (length === -1) {
    return undefined;
  }
  const out = Buffer.alloc(length);
  using.copyEscaped(out, 0, length);
  return out;
}

/** As `JSON.stringify` has it, for bytes: each as the Latin-1 character of its own. */
const wanted = (bytes: Buffer) =>
  Buffer.from(JSON.stringify(bytes.toString("latin1")).slice(1, -1), "latin1");

/** Bytes that are often special, so that they meet at every place of a block. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        0x22,
        0x22,
        0x5c,
        0x5c,
        0x61,
        0x61,
        0x61,
        0x0a,
        0x00,
        0x1f,
        0x20,
        0x21,
        0x7f,
        0x80,
        0xff,
      ),
      fc.constantFrom(0x22, 0x5c, 0x61),
      fc.nat(255),
    ),
    { maxLength: 90 },
  )
  .map((list) => Buffer.from(list));

/** The text between others, in the memory itself, so that nothing is copied before it is read. */
function between(before: Buffer, text: Buffer, behind: Buffer): { start: number; end: number } {
  const all = Buffer.concat([before, text, behind]);
  all.copy(engine.readBuffer);
  const start = engine.place(engine.readBuffer, before.length, before.length + text.length);
  return { start, end: start + text.length };
}

test("the compiled code is that of the source", () => {
  const made = execFileSync(process.execPath, ["scripts/wasm.ts", "--print"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const isCurrent = readFileSync(path.join(ROOT, "src/connector/scan/wasm.ts"), "utf8") === made;
  expect(isCurrent, "run `npm run wasm`").toBe(true);
}, 60_000);

test("escape: every byte as JSON.stringify does, wherever it lies in a block", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let place = 0; place < 35; place++) {
      const text = Buffer.alloc(35, "a");
      text[place] = byte;
      expect(escaped(text)).toEqual(wanted(text));
    }
  }
});

test("escape: any bytes between others, and nothing else is read", () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (before, text, behind) => {
      const { start, end } = between(before, text, behind);
      const length = engine.escape(start, end, 1000);
      const out = Buffer.alloc(length);
      engine.copyEscaped(out, 0, length);
      expect(out).toEqual(wanted(text));
    }),
    { numRuns: 20_000 },
  );
});

test("escape: what would become longer than allowed is reported, to the byte", () => {
  fc.assert(
    fc.property(bytes, fc.nat(200), (text, maxBytes) => {
      const whole = wanted(text);
      expect(escaped(text, maxBytes)).toEqual(whole.length > maxBytes ? undefined : whole);
    }),
    { numRuns: 5000 },
  );
});

test("escape: the longest output stays in its place", () => {
  const small = new TextEngine(300_000);
  const text = Buffer.alloc(300_000, 0x01);
  small.place(text, 0, text.length);
  small.readBuffer.fill(0xee);
  expect(small.scan(small.place(Buffer.from("[1]"), 0, 3), small.place(Buffer.from("[1]"), 0, 3) + 3)).toBe(
    "records",
  );
  const [start, end] = [small.start(0), small.end(0)];
  expect(escaped(text, 10_000_000, small)).toBeUndefined();
  expect([small.start(0), small.end(0)]).toEqual([start, end]);
  expect(small.readBuffer.every((byte) => byte === 0xee)).toBe(true);
  // What moves the bytes is intact as well.
  expect(escaped(Buffer.from('"\\'.repeat(20)), 1000, small)?.toString()).toBe('\\"\\\\'.repeat(20));
});

test("scan: what lies around a text changes nothing", () => {
  const tails = ['"', "}", "]", "\\", "0", '"}', "e5", "\\u0041", '","b":1}', ",1]", " ", "\u0000"];
  const texts = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc.json({ maxDepth: 3 }).chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))),
    fc.string({
      unit: fc.constantFrom("[", "]", "{", "}", '"', ",", ":", "1", "\\", "u", "a", "é"),
      maxLength: 30,
    }),
  );
  const tail = fc.array(fc.constantFrom(...tails)).map((list) => Buffer.from(list.join("")));
  fc.assert(
    fc.property(bytes, texts, tail, (before, text, behind) => {
      const { start, end } = between(before, Buffer.from(text), behind);
      const found = engine.scan(start, end);
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(found !== "text").toBe(isJson);
      for (let index = 0; index < engine.count; index++) {
        expect(engine.start(index)).toBeGreaterThanOrEqual(start);
        expect(engine.end(index)).toBeLessThanOrEqual(end);
      }
    }),
    { numRuns: 20_000 },
  );
});

test("a long text has a memory of its own, which does not stay", () => {
  const text = Buffer.from(`[${"1,".repeat(2_000_000)}1]`);
  const long = textEngineFor(text.length);
  expect(long).not.toBe(textEngineFor(1));
  expect(textEngineFor(1)).toBe(textEngineFor(2));
  const start = long.place(text, 0, text.length);
  // As many records as can be reported are, and no more.
  expect(long.scan(start, start + text.length)).toBe("text");
  expect(long.scan(start, start + 2)).toBe("text");
  const most = Buffer.from(`[${"1,".repeat(1024 * 1024 - 1)}1]`);
  expect(long.scan(long.place(most, 0, most.length), start + most.length)).toBe("records");
  expect(long.count).toBe(1024 * 1024);
});
