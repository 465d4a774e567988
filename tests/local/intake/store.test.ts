import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { type Core, openCore } from "../../../src/local/intake/core.ts";
import type { ParseEvent } from "../../../src/local/intake/parse.ts";
import { parseQuery } from "../../../src/local/intake/query/parse-query.ts";
import { histogram } from "../../../src/local/intake/search-api.ts";
import { EventStore } from "../../../src/local/intake/store.ts";

const folder = mkdtempSync(join(tmpdir(), "store-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = () => join(folder, `${files++}.db`);
const parseJson: ParseEvent = (raw) => ({ ecs: raw, isMessageRaw: false });

function put(core: Core, events: readonly object[], atMs = 1000): void {
  const batch = events.map((event) => ({ intakeKey: "k", raw: JSON.stringify(event) }));
  const ids = events.map((_, index) => `id-${core.store.lastNumber + index + 1}`);
  core.pipeline.insert(batch, ids, atMs);
}
const search = (_core: Core, query: string, more: object = {}) => ({
  query: parseQuery(query),
  limit: 50_000,
  ...more,
});
const count = (core: Core, query: string, more: object = {}) =>
  core.store.found(search(core, query, more)).total;

test("searches agree over several segments, before and after the store is opened again", async () => {
  const path = newPath();
  const all = Array.from({ length: 20_000 }, (_, n) => ({
    user: { name: `User${n % 7}` },
    host: { name: `host-${n}` },
    n,
    tags: n % 2 === 0 ? ["even", "number"] : ["odd"],
  }));
  const judge = (core: Core) => {
    expect(count(core, "")).toBe(20_000);
    expect(count(core, "user.name:user3")).toBe(all.filter(({ n }) => n % 7 === 3).length);
    expect(count(core, "NOT user.name:user3")).toBe(all.filter(({ n }) => n % 7 !== 3).length);
    expect(count(core, "tags:even AND tags:number")).toBe(10_000);
    expect(count(core, "host.name:host-12345")).toBe(1);
    expect(count(core, "host.name:host-1234?")).toBe(10);
    expect(count(core, "host.name:*-1999*")).toBe(11);
    expect(count(core, "n:[100 TO 199]")).toBe(100);
    expect(count(core, "12345")).toBe(1);
    expect(count(core, "user1 even")).toBe(all.filter(({ n }) => n % 7 === 1 && n % 2 === 0).length);
    expect(core.store.find({ query: parseQuery("odd"), limit: 3 }).map(({ number }) => number)).toEqual([
      20_000, 19_998, 19_996,
    ]);
    expect(core.store.found({}).values("user.name", 2)).toEqual([
      { value: "User0", events: 2858 },
      { value: "User1", events: 2857 },
    ]);
    expect(core.store.found({}).values("host.name", 3, "host-1999")).toHaveLength(3);
  };
  const core = openCore({ database: path, parse: parseJson });
  for (let at = 0; at < all.length; at += 900) {
    put(core, all.slice(at, at + 900), 1000 + at);
  }
  judge(core);
  expect(count(core, "", { sinceMs: 1900, untilMs: 2800 })).toBe(900);
  const bars = histogram(core.store, { sinceMs: 1000, untilMs: 21_000 }, 20);
  expect(bars.events.reduce((sum, many) => sum + many, 0)).toBe(20_000);
  expect(bars.events).toHaveLength(20);
  await core.close();
  const again = openCore({ database: path, parse: parseJson });
  judge(again);
  put(again, [{ user: { name: "late" } }], 99_000);
  expect(count(again, "late")).toBe(1);
  await again.close();
}, 60_000);

test("a period is judged by reception, also when the clock steps back", async () => {
  const core = openCore({ parse: parseJson });
  put(core, [{ a: 1 }], 5000);
  put(core, [{ a: 2 }], 3000);
  expect(core.store.find({ sinceMs: 5000 }).map(({ receivedAtMs }) => receivedAtMs)).toEqual([5000, 5000]);
  expect(core.store.find({ untilMs: 5000 })).toEqual([]);
  await core.close();
});

test("values over 512 characters are found by their words, and judged whole by patterns", async () => {
  const core = openCore({ parse: parseJson });
  const long = `begin ${"x".repeat(1000)} needle ${"y".repeat(1000)} end`;
  put(core, [{ message: long }, { message: `${long}ing` }, { message: "needle" }]);
  expect(count(core, "needle")).toBe(3);
  expect(count(core, "message:*needle*")).toBe(3);
  expect(count(core, "message:*end")).toBe(1);
  expect(count(core, `message:"${long}"`)).toBe(1);
  expect(count(core, "message:needle")).toBe(1);
  await core.close();
});

test("hostile events are stored, found and bounded", async () => {
  const core = openCore({ parse: parseJson });
  let deep: unknown = "bottom";
  for (let level = 0; level < 500; level++) {
    deep = { d: deep };
  }
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`field${n}`, n]));
  const proto = JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":{"name":"c"},"toString":"t"}');
  put(core, [
    { deep },
    many,
    proto,
    { list: Array.from({ length: 100_000 }, (_, n) => n) },
    { text: "nul\0here <script>alert(1)</script> \u202eabc \u0007" },
    { big: "z".repeat(240_000) },
    { "": "empty name", "a b": "blank" },
  ]);
  expect(count(core, "")).toBe(7);
  expect(count(core, "__proto__.polluted:yes")).toBe(1);
  expect(count(core, "constructor.name:c")).toBe(1);
  expect(count(core, "toString:t")).toBe(1);
  expect(count(core, "text:*script*")).toBe(1);
  expect(count(core, "big:zzz*")).toBe(1);
  expect(count(core, '"empty name"')).toBe(1);
  expect(count(core, "field10:10")).toBe(1);
  await core.close();
});

test("whatever texts are stored, each is found by itself and by its parts", async () => {
  const alphabet = fc.constantFrom(
    "a",
    "B",
    "é",
    "İ",
    "ß",
    "1",
    "_",
    "-",
    " ",
    "*",
    "\\",
    '"',
    "\0",
    "漢",
    "😀",
  );
  const texts = fc.array(
    fc.array(alphabet, { minLength: 1, maxLength: 8 }).map((chars) => chars.join("")),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(texts, async (values) => {
      const core = openCore({ parse: parseJson });
      put(
        core,
        values.map((v) => ({ v })),
      );
      for (const value of values) {
        const quoted = `"${value.replace(/["\\]/g, "\\$&")}"`;
        const same = (text: string) => text.replaceAll("\0", "\uffff").toLowerCase();
        const expected = values.filter((other) => same(other) === same(value)).length;
        expect(count(core, `v:${quoted}`)).toBe(expected);
        const part = value.replace(/[^a-zB1_é]/g, "");
        if (part !== "") {
          const wild = `v:*${value.slice(0, 1).replace(/[*?\\" \0()]/g, "?")}*`;
          expect(count(core, wild)).toBeGreaterThanOrEqual(1);
        }
      }
      await core.close();
    }),
    { numRuns: 60 },
  );
});

test("a database of the first version is brought forward with its events", async () => {
  const path = newPath();
  const old = new DatabaseSync(path);
  old.exec(`
    CREATE TABLE events (number INTEGER PRIMARY KEY, event_id TEXT NOT NULL, received_at_ms INTEGER NOT NULL,
      intake_key TEXT NOT NULL, raw TEXT NOT NULL, ecs TEXT) STRICT;
    CREATE INDEX events_by_key ON events (intake_key);
    CREATE INDEX events_by_reception ON events (received_at_ms);
    INSERT INTO events VALUES (1, 'id-1', 5, 'k', 'raw one', '{"user":{"name":"old"}}');
  `);
  old.close();
  const core = openCore({ database: path, parse: parseJson });
  expect(core.store.find({ query: parseQuery("user.name:old") })).toMatchObject([
    { eventId: "id-1", raw: "raw one" },
  ]);
  expect(core.store.eventById("id-1")?.number).toBe(1);
  await core.close();
});

test.each([
  { name: "another program's database", sql: "CREATE TABLE other (a)", message: /another program/ },
  {
    name: "a database of a later version",
    sql: "PRAGMA application_id = 1163282505; PRAGMA user_version = 99",
    message: /another version/,
  },
])("$name is not touched", ({ sql, message }) => {
  const path = newPath();
  const other = new DatabaseSync(path);
  other.exec(sql);
  other.close();
  expect(() => new EventStore(path)).toThrow(message);
});
