import { expect, test } from "vitest";
import { judge, readAnswerBody } from "../../../src/connector/intake/verdict.ts";

const NOW_MS = Date.parse("2026-01-01T00:00:00Z");
const answer = (status: number, body?: unknown, retryAfter?: string) => ({
  status,
  body: readAnswerBody(JSON.stringify(body)),
  retryAfter,
});

test.each([408, 429, 500, 502, 503, 504])("judge: HTTP %i is tried again", (status) => {
  expect(judge(answer(status), 2, NOW_MS)).toMatchObject({
    kind: "retry",
    error: { code: "INTAKE_UNREACHABLE" },
  });
});

test.each([301, 400, 401, 403, 404])(
  "judge: HTTP %i is a wrong configuration, and loses nothing",
  (status) => {
    expect(judge(answer(status), 2, NOW_MS)).toMatchObject({
      kind: "retry",
      error: { code: "INTAKE_MISCONFIGURED" },
    });
  },
);

test("judge: HTTP 400 with a key that is proven good is the events' fault, other statuses are not", () => {
  expect(judge(answer(400), 2, NOW_MS, true)).toMatchObject({ kind: "split", isTooLarge: false });
  for (const status of [301, 401, 403, 404]) {
    expect(judge(answer(status), 2, NOW_MS, true)).toMatchObject({ kind: "retry" });
  }
});

test.each([
  { header: "3", waitMs: 3000 },
  { header: "Thu, 01 Jan 2026 00:00:09 GMT", waitMs: 9000 },
  { header: "Wed, 31 Dec 2025 00:00:00 GMT", waitMs: 0 },
  { header: "soon", waitMs: undefined },
  { header: "999999", waitMs: 900_000 },
])("judge: Retry-After $header asks for $waitMs ms", ({ header, waitMs }) => {
  expect(judge(answer(429, undefined, header), 1, NOW_MS)).toMatchObject({ waitMs });
});

test("judge: 413 and other refusals split the chunk", () => {
  expect(judge(answer(413), 2, NOW_MS)).toMatchObject({ kind: "split", isTooLarge: true });
  expect(judge(answer(422), 2, NOW_MS)).toMatchObject({ kind: "split", isTooLarge: false });
});

test("judge: an accepted batch names its events and those it refused", () => {
  const body = { event_ids: ["a"], errors: [{ index: 1, reason: "too long" }, { index: 7 }, "x"] };
  expect(judge(answer(200, body), 2, NOW_MS)).toEqual({
    kind: "accepted",
    refused: [{ index: 1, detail: "the intake refused the event: too long" }],
  });
});

test("judge: an accepted batch without a readable answer is accepted", () => {
  expect(judge(answer(202), 2, NOW_MS)).toEqual({ kind: "accepted", refused: [] });
});

test("judge: fewer ids than events leave open which were refused, so that all are set aside", () => {
  const verdict = judge(answer(200, { event_ids: ["a"] }), 3, NOW_MS);
  expect(verdict).toMatchObject({ kind: "accepted", refused: [{ index: 0 }, { index: 1 }, { index: 2 }] });
});
