import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeBody, MAX_UNPACKED_BYTES } from "../../../src/connector/records/body.ts";

test("decodeBody: a plain body is the same bytes, not a copy", () => {
  const body = Buffer.from('{"a":1}');
  expect(decodeBody(body)).toEqual({ kind: "bytes", bytes: body });
  expect((decodeBody(body) as { bytes: Buffer }).bytes.buffer).toBe(body.buffer);
});

test("decodeBody: a byte order mark is left out, packed or not", () => {
  const marked = Buffer.from("\uFEFF[1]");
  expect(decodeBody(marked)).toEqual({ kind: "bytes", bytes: Buffer.from("[1]") });
  expect(decodeBody(gzipSync(marked))).toEqual({ kind: "bytes", bytes: Buffer.from("[1]") });
});

test("decodeBody: gzip is unpacked", () => {
  expect(decodeBody(gzipSync("hello"))).toEqual({ kind: "bytes", bytes: Buffer.from("hello") });
});

test("decodeBody: damaged gzip is told, not thrown", () => {
  const damaged = gzipSync("hello hello hello").subarray(0, 18);
  expect(decodeBody(damaged)).toEqual({ kind: "unreadable", detail: "the gzip body of 18 bytes is damaged" });
});

test("decodeBody: a bomb is told before it fills the memory", () => {
  const bomb = gzipSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1));
  expect(decodeBody(bomb)).toMatchObject({
    kind: "unreadable",
    detail: expect.stringContaining("unpacks to more than 33554432 bytes"),
  });
});
