import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startIntake } from "../../../src/local/intake/server.ts";
import { call, postBatch, rawEvents, withIntake } from "./helpers.ts";

function rawTexts(body: unknown): readonly string[] {
  return (body as { events: { raw: string }[] }).events.map((event) => event.raw);
}

test.each([
  { name: "everything, newest first", query: "", found: ["c1", "b1", "a2", "a1"] },
  { name: "one key", query: "intake_key=key-a", found: ["a2", "a1"] },
  { name: "a text", query: "contains=1", found: ["c1", "b1", "a1"] },
  { name: "key and text together", query: "intake_key=key-a&contains=2", found: ["a2"] },
  { name: "a time that is over", query: "until=2020-01-01T00:00:00Z", found: [] },
  { name: "a time since then", query: "since=1577836800000", found: ["c1", "b1", "a2", "a1"] },
  { name: "at most so many", query: "limit=2", found: ["c1", "b1"] },
])("GET /events finds $name", async ({ query, found }) => {
  await withIntake({}, async (intake) => {
    await postBatch(intake, ["a1", "a2"], "key-a");
    await postBatch(intake, ["b1", "c1"], "key-b");
    const reply = await call("GET", `${intake.url}/events?${query}`);
    expect(reply.status).toBe(200);
    expect(rawTexts(reply.body)).toEqual(found);
  });
});

test("pages of GET /events follow each other without a gap", async () => {
  await withIntake({}, async (intake) => {
    await postBatch(intake, ["1", "2", "3", "4", "5"]);
    const pages: (readonly string[])[] = [];
    let next: unknown = "";
    while (next !== null) {
      const reply = await call("GET", `${intake.url}/events?limit=2${next === "" ? "" : `&before=${next}`}`);
      pages.push(rawTexts(reply.body));
      next = (reply.body as { next: number | null }).next;
    }
    expect(pages).toEqual([["5", "4"], ["3", "2"], ["1"]]);
  });
});

test.each([
  { query: "since=yesterday", error: /since must be an ISO 8601 time/ },
  { query: "limit=all", error: /limit must be a whole number/ },
  { query: "limit=10001", error: /at most 10000/ },
  { query: "key=x", error: /unknown filter key/ },
])("GET /events refuses $query", async ({ query, error }) => {
  await withIntake({}, async (intake) => {
    const reply = await call("GET", `${intake.url}/events?${query}`);
    expect(reply).toMatchObject({ status: 400, body: { error: expect.stringMatching(error) } });
  });
});

test("an event carries its reception time, and its ECS event beside the raw one", async () => {
  const parse = (raw: string, intakeKey: string) =>
    intakeKey === "parsed" ? { ecs: JSON.stringify({ size: raw.length }), isMessageRaw: true } : undefined;
  await withIntake({ parse }, async (intake) => {
    const before = Date.now();
    await postBatch(intake, ["x"], "parsed");
    await postBatch(intake, ["y"], "raw");
    const reply = await call("GET", `${intake.url}/events`);
    expect(reply.body).toMatchObject({
      events: [
        { raw: "y", intake_key: "raw", ecs: null },
        { raw: "x", intake_key: "parsed", ecs: { size: 1, message: "x" } },
      ],
    });
    const [event] = intake.events({ intakeKey: "parsed" });
    expect(event?.receivedAtMs).toBeGreaterThanOrEqual(before);
    expect(event?.receivedAtMs).toBeLessThanOrEqual(Date.now());
  });
});

test("a request whose events cannot be stored leaves none behind", async () => {
  await withIntake({}, async (intake) => {
    const { database } = intake.store;
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON events WHEN new.raw = 'bad' BEGIN SELECT RAISE(ABORT, 'no room'); END",
    );
    const reply = await postBatch(intake, ["good", "bad"]);
    expect(reply).toMatchObject({ status: 500, body: { error: expect.stringContaining("no room") } });
    expect(rawEvents(intake)).toEqual([]);
    expect(intake.count()).toBe(0);
    database.exec("DROP TRIGGER full");
    expect((await postBatch(intake, ["good"])).status).toBe(200);
  });
});

test("an event at which the parser breaks is stored, and found by its text", async () => {
  const parse = (raw: string) => {
    if (raw === "bad one") {
      throw new Error("parser broke");
    }
    return { ecs: "{}", isMessageRaw: true };
  };
  await withIntake({ parse }, async (intake) => {
    expect((await postBatch(intake, ["good one", "bad one"])).status).toBe(200);
    const { body } = await call("GET", `${intake.url}/events?query=bad`);
    expect(body).toMatchObject({ events: [{ raw: "bad one", ecs: null }] });
  });
});

test("GET /stats counts events for each key", async () => {
  await withIntake({ keys: ["a", "b"] }, async (intake) => {
    await postBatch(intake, ["1", "2"], "a");
    await postBatch(intake, ["3", "x".repeat(250_001)], "b");
    await postBatch(intake, ["4"], "c");
    const reply = await call("GET", `${intake.url}/stats`);
    expect(reply.body).toEqual({
      accepted: 3,
      rejected: 2,
      requests: 3,
      keys: [
        { intake_key: "a", events: 2 },
        { intake_key: "b", events: 1 },
      ],
    });
  });
});

test("a database file keeps its events from one start to the next", async () => {
  const folder = await mkdtemp(join(tmpdir(), "intake-test-"));
  try {
    const database = join(folder, "events.db");
    await withIntake({ database }, async (intake) => {
      await postBatch(intake, ["kept"]);
    });
    await withIntake({ database }, async (intake) => {
      expect(intake.count()).toBe(1);
      await postBatch(intake, ["new"]);
      expect(rawEvents(intake)).toEqual(["kept", "new"]);
      expect(intake.stats().keys).toEqual([{ intake_key: "key", events: 2 }]);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a port that is taken is reported by its number", async () => {
  await withIntake({}, async (intake) => {
    await expect(startIntake({ port: intake.port })).rejects.toMatchObject({
      code: "LOCAL_SERVER_FAILED",
      message: expect.stringContaining(String(intake.port)),
    });
  });
});

test("a database in a folder that is missing is reported by its path", async () => {
  const database = join(tmpdir(), "no-such-folder", "events.db");
  await expect(startIntake({ database })).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining(database),
  });
});
