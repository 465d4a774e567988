import { expect, test } from "vitest";
import { readAnswerBody } from "../../../src/connector/intake/answer.ts";
import { judge } from "../../../src/connector/intake/verdict.ts";

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

/** A wrong address, a proxy, a gateway: each of them sent a whole hub to the dead letters once. */
const NO = [300, 301, 308, ...Array.from({ length: 52 }, (_, index) => 400 + index), 499].filter(
  (status) => status !== 408 && status !== 429,
);
const NEVER = [300, 301, 308, 401, 403, 404, 405, 407];

test.each(NO)("judge: HTTP %i sets no event aside before the key is proven good", (status) => {
  expect(judge(answer(status), 1, NOW_MS)).toMatchObject({
    kind: "retry",
    error: { code: "INTAKE_MISCONFIGURED" },
    isDoubtful: !NEVER.includes(status),
  });
});

test.each(NO)(
  "judge: HTTP %i with a key that is proven good is the events' fault, if it can be",
  (status) => {
    const kind = NEVER.includes(status) ? "retry" : "split";
    expect(judge(answer(status), 2, NOW_MS, true)).toMatchObject({ kind });
  },
);

test.each([
  { header: "3", waitMs: 3000 },
  { header: "Thu, 01 Jan 2026 00:00:09 GMT", waitMs: 9000 },
  { header: "Wed, 31 Dec 2025 00:00:00 GMT", waitMs: 0 },
  { header: "soon", waitMs: undefined },
  { header: "999999", waitMs: 900_000 },
])("judge: Retry-After $header asks for $waitMs ms", ({ header, waitMs }) => {
  expect(judge(answer(429, undefined, header), 1, NOW_MS)).toMatchObject({ waitMs });
});

test("judge: 413 splits the chunk at once, and a single event once the key is proven good", () => {
  expect(judge(answer(413), 2, NOW_MS)).toMatchObject({ kind: "split", isTooLarge: true });
  expect(judge(answer(413), 1, NOW_MS, true)).toMatchObject({ kind: "split", isTooLarge: true });
});

test("judge: an accepted batch names its events and those it refused", () => {
  const body = { event_ids: ["a"], errors: [{ index: 1, reason: "too long" }] };
  expect(judge(answer(200, body), 2, NOW_MS)).toEqual({
    kind: "accepted",
    refused: [{ index: 1, detail: "the intake refused the event: too long" }],
  });
  expect(judge(answer(202, { event_ids: ["a", "b"] }), 2, NOW_MS)).toEqual({ kind: "accepted", refused: [] });
});

const page = (status: number, text: string) => ({
  status,
  body: readAnswerBody(text),
  retryAfter: undefined,
});

test.each([
  {
    name: "a page",
    given: page(200, "<html>\r\n<b>blocked\u202e</b></html>"),
    said: "<html> <b>blocked </b></html>",
  },
  { name: "no body", given: page(204, ""), said: "no list of event ids" },
  { name: "an empty 200", given: page(200, ""), said: "no list of event ids" },
  { name: "an error in JSON", given: answer(200, { error: "no" }), said: '{"error":"no"}' },
  { name: "ids that are not a list", given: answer(200, { event_ids: 2 }), said: '{"event_ids":2}' },
  {
    name: "more ids than events",
    given: answer(200, { event_ids: ["a", "b", "c"] }),
    said: "check intake_server",
  },
])("judge: $name with a 2xx is another server, whether the key is proven or not", ({ given, said }) => {
  for (const isKeyProven of [false, true]) {
    const verdict = judge(given, 2, NOW_MS, isKeyProven);
    expect(verdict).toMatchObject({ kind: "retry", isDoubtful: false });
    expect(verdict.kind === "retry" && verdict.error.message).toContain(said);
  }
});

test("judge: a server that sends the request back puts no key into the log", () => {
  for (const length of [20, 40, 5000]) {
    const echo = `{"intake_key":"${"s3cret".repeat(length)}","jsons":["a"]}`;
    const verdict = judge(page(200, echo), 1, NOW_MS);
    expect(verdict.kind === "retry" && verdict.error.message).not.toContain("s3cret");
  }
});

test.each([
  { name: "fewer ids than events", body: { event_ids: ["a"] } },
  { name: "an index that is named twice", body: { event_ids: ["a"], errors: [{ index: 1 }, { index: 1 }] } },
  { name: "an index of no event", body: { event_ids: ["a", "b"], errors: [{ index: 3 }] } },
  { name: "ids that are none", body: { event_ids: ["a", "", 7] } },
  {
    name: "a no to every event",
    body: { event_ids: [], errors: [{ index: 0 }, { index: 1 }, { index: 2 }] },
  },
])("judge: $name sets nothing aside before the key is proven good", ({ body }) => {
  expect(judge(answer(200, body), 3, NOW_MS)).toMatchObject({ kind: "retry", isDoubtful: true });
  expect(judge(answer(200, body), 3, NOW_MS, true).kind).not.toBe("retry");
});
