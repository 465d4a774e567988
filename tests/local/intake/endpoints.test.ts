import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { call, postBatch, rawEvents, withIntake } from "./helpers.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KEY = { "x-sekoiaio-intake-key": "k1" };

type Case = {
  readonly name: string;
  readonly path: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

test.each<Case & { readonly stored: readonly string[] }>([
  {
    name: "/ takes one event from its body",
    path: "/",
    body: '{"intake_key":"k1","json":"{\\"a\\":1}","@timestamp":"2026-01-01T00:00:00Z"}',
    stored: ['{"a":1}'],
  },
  {
    name: "/plain takes the body as it is, line ends included",
    path: "/plain",
    body: "<14>one\nline\n",
    headers: KEY,
    stored: ["<14>one\nline\n"],
  },
  {
    name: "/plain/batch takes a line each and passes over empty ones",
    path: "/plain/batch",
    body: "one\n\n two \nthree",
    headers: KEY,
    stored: ["one", " two ", "three"],
  },
  {
    name: "/jsons keeps each object as the text it had",
    path: "/jsons",
    body: ' [ {"n": 1.0, "b": [1,{"c":"],"}]} ,"text \\u00e9", 12345678901234567890, null ]',
    headers: KEY,
    stored: ['{"n": 1.0, "b": [1,{"c":"],"}]}', "text é", "12345678901234567890", "null"],
  },
  {
    name: "/batch takes strings in order, NUL and emoji included",
    path: "/batch",
    body: JSON.stringify({ intake_key: "k1", jsons: ["b\0", "a", "😀", ""] }),
    stored: ["b\0", "a", "😀", ""],
  },
  {
    name: "/array takes the entries' texts",
    path: "/array",
    body: '[{"intake_key":"k1","json":"x","timestamp":"2026-01-01T00:00:00Z"},{"intake_key":"k1","json":"y"}]',
    stored: ["x", "y"],
  },
  {
    name: "a Basic password is the key",
    path: "/plain",
    body: "x",
    headers: { authorization: `Basic ${Buffer.from("user:k1").toString("base64")}` },
    stored: ["x"],
  },
  { name: "the key may stand in the address", path: "/plain?intake_key=k1", body: "x", stored: ["x"] },
  {
    name: "a gzip body is unpacked",
    path: "/plain",
    body: gzipSync("packed"),
    headers: { ...KEY, "content-encoding": "gzip" },
    stored: ["packed"],
  },
  { name: "an empty batch is fine", path: "/batch", body: '{"intake_key":"k1","jsons":[]}', stored: [] },
])("$name", async ({ path, body, headers, stored }) => {
  await withIntake({ keys: ["k1"] }, async (intake) => {
    const reply = await call("POST", intake.url + path, body, headers);
    expect(reply.status).toBe(200);
    expect(rawEvents(intake)).toEqual(stored);
    const ids = intake
      .events()
      .map((event) => event.eventId)
      .reverse();
    expect(ids.every((id) => UUID.test(id))).toBe(true);
    const isSingle = path.startsWith("/plain?") || path === "/" || path === "/plain";
    expect(reply.body).toEqual(isSingle ? { event_id: ids[0] } : { event_ids: ids });
    expect(intake.count()).toBe(stored.length);
  });
});

test.each<Case & { readonly status: number; readonly error: RegExp; readonly method?: string }>([
  { name: "a body that is not JSON", path: "/batch", body: "{", status: 400, error: /not JSON/ },
  {
    name: "a batch without its key",
    path: "/batch",
    body: '{"jsons":[]}',
    status: 400,
    error: /intake_key must be a string/,
  },
  {
    name: "jsons that is not an array",
    path: "/batch",
    body: '{"intake_key":"k1","jsons":{}}',
    status: 400,
    error: /jsons must be an array/,
  },
  {
    name: "an event that is not a string",
    path: "/batch",
    body: '{"intake_key":"k1","jsons":["a",{}]}',
    status: 400,
    error: /jsons\[1\] must be a string/,
  },
  {
    name: "an entry that is not an object",
    path: "/array",
    body: "[1]",
    status: 400,
    error: /item 0 must be/,
  },
  {
    name: "jsons that are not an array",
    path: "/jsons",
    body: "{}",
    headers: KEY,
    status: 400,
    error: /array/,
  },
  { name: "an empty body", path: "/plain", body: "", headers: KEY, status: 400, error: /empty/ },
  {
    name: "bytes that are not UTF-8",
    path: "/plain",
    body: Buffer.from([0x61, 0xff]),
    headers: KEY,
    status: 400,
    error: /UTF-8/,
  },
  {
    name: "damaged gzip",
    path: "/plain",
    body: "not gzip",
    headers: { ...KEY, "content-encoding": "gzip" },
    status: 400,
    error: /gzip/,
  },
  {
    name: "another content encoding",
    path: "/plain",
    body: "x",
    headers: { ...KEY, "content-encoding": "br" },
    status: 415,
    error: /br is not supported/,
  },
  { name: "a missing key", path: "/plain", body: "x", status: 401, error: /no intake key/ },
  {
    name: "an unknown key",
    path: "/batch",
    body: '{"intake_key":"other","jsons":["a"]}',
    status: 401,
    error: /unknown intake key/,
  },
  { name: "another path", path: "/nothing", body: "x", status: 404, error: /no endpoint/ },
  { name: "another method", path: "/batch", body: "", method: "PUT", status: 405, error: /only POST/ },
  { name: "a write to the search", path: "/events", body: "", status: 405, error: /only GET/ },
])("refuses $name with $status", async ({ path, body, headers, status, error, method = "POST" }) => {
  await withIntake({ keys: ["k1"] }, async (intake) => {
    const reply = await call(method, intake.url + path, body, headers);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: expect.stringMatching(error) });
    expect(JSON.stringify(reply.body)).not.toContain("k1");
    expect(intake.count()).toBe(0);
  });
});

test("an event may have 250,000 UTF-8 bytes and not one more, counted in bytes", async () => {
  await withIntake({}, async (intake) => {
    const reply = await postBatch(intake, ["é".repeat(125_000), `${"é".repeat(125_000)}x`, "small"]);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ event_ids: [expect.any(String), expect.any(String)] });
    expect(reply.body).toMatchObject({ errors: [{ index: 1, reason: expect.stringContaining("250001") }] });
    expect(rawEvents(intake).map((raw) => raw.length)).toEqual([125_000, 5]);
  });
});

test("413 comes only when every event was too large", async () => {
  await withIntake({}, async (intake) => {
    const large = "x".repeat(250_001);
    expect((await postBatch(intake, [large, large])).status).toBe(413);
    const mixed = await postBatch(intake, [large, "\ud800"]);
    expect(mixed).toMatchObject({
      status: 200,
      body: { event_ids: [], errors: [{ index: 0 }, { index: 1 }] },
    });
    expect((await call("POST", `${intake.url}/plain?intake_key=k`, large)).status).toBe(413);
  });
});

test("a body of 10 MiB is taken and one byte more is not, packed or not", async () => {
  await withIntake({}, async (intake) => {
    const lines = (bytes: number) => Buffer.alloc(bytes, `${"x".repeat(1023)}\n`);
    const url = `${intake.url}/plain/batch?intake_key=k`;
    const limit = 10 * 1024 * 1024;
    expect((await call("POST", url, lines(limit))).status).toBe(200);
    expect((await call("POST", url, lines(limit + 1))).status).toBe(413);
    const packed = { "content-encoding": "gzip" };
    expect((await call("POST", url, gzipSync(lines(limit)), packed)).status).toBe(200);
    expect((await call("POST", url, gzipSync(lines(limit + 1)), packed)).status).toBe(413);
    expect(intake.count()).toBe(2 * 10_240);
  });
});

test("/array tells the events with an unknown key one by one", async () => {
  await withIntake({ keys: ["k1"] }, async (intake) => {
    const body = JSON.stringify([
      { intake_key: "k2", json: "a" },
      { intake_key: "k1", json: "b" },
    ]);
    const reply = await call("POST", `${intake.url}/array`, body);
    expect(reply).toMatchObject({
      status: 200,
      body: { errors: [{ index: 0, reason: "unknown intake key" }] },
    });
    expect(rawEvents(intake)).toEqual(["b"]);
  });
});

test("whatever well-formed texts are sent, the same texts are stored", async () => {
  await withIntake({}, async (intake) => {
    let known = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 5 }),
        async (texts) => {
          const objects = JSON.stringify(
            texts.map((text) => ({ text, nested: [text] })),
            null,
            1,
          );
          await postBatch(intake, texts);
          await call("POST", `${intake.url}/jsons?intake_key=key`, objects);
          const stored = rawEvents(intake).slice(known);
          known += stored.length;
          expect(stored.slice(0, texts.length)).toEqual(texts);
          expect(stored.slice(texts.length).map((raw) => JSON.parse(raw))).toEqual(JSON.parse(objects));
        },
      ),
      { numRuns: 25 },
    );
  });
});
