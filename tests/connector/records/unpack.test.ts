import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { afterMark, isGzip, MAX_UNPACKED_BYTES, unpack } from "../../../src/connector/records/unpack.ts";

const textOf = (packed: Buffer) => {
  const decoded = unpack(packed);
  return decoded.kind === "bytes"
    ? decoded.bytes.toString("utf8", decoded.start, decoded.end)
    : decoded.detail;
};

test("a body is gzip by its first three bytes, wherever it lies", () => {
  const packed = Buffer.concat([Buffer.from("xx"), gzipSync("hello"), Buffer.from("yy")]);
  expect(isGzip(packed, 2, packed.length - 2)).toBe(true);
  expect(isGzip(packed, 0, packed.length)).toBe(false);
  expect(isGzip(packed, 2, 4)).toBe(false);
});

test("a byte order mark is left out, packed or not", () => {
  const marked = Buffer.from("..\uFEFF[1]");
  expect(afterMark(marked, 2, marked.length)).toBe(5);
  expect(afterMark(marked, 0, marked.length)).toBe(0);
  expect(textOf(gzipSync("\uFEFF[1]"))).toBe("[1]");
});

test("gzip is unpacked", () => {
  expect(textOf(gzipSync("hello"))).toBe("hello");
});

test("damaged gzip is reported, not thrown", () => {
  const damaged = gzipSync("hello hello hello").subarray(0, 18);
  expect(unpack(damaged)).toEqual({ kind: "unreadable", detail: "the gzip body of 18 bytes is damaged" });
});

test("a bomb is reported before it fills the memory", () => {
  const bomb = gzipSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1));
  expect(unpack(bomb)).toMatchObject({
    kind: "unreadable",
    detail: expect.stringContaining("unpacks to more than 33554432 bytes"),
  });
});
