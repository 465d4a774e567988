import { expect, test } from "vitest";
import { call, postBatch, rawEvents, withIntake } from "./helpers.ts";

test("the ordered answers strike in order and accept nothing", async () => {
  await withIntake({}, async (intake) => {
    intake.faults.answer(429, 1, "7");
    intake.faults.answer(503, 2);
    const first = await postBatch(intake, ["a"]);
    expect(first.status).toBe(429);
    expect(first.headers["retry-after"]).toBe("7");
    expect((await postBatch(intake, ["a"])).status).toBe(503);
    expect((await postBatch(intake, ["a"])).status).toBe(503);
    expect(intake.count()).toBe(0);
    expect((await postBatch(intake, ["a"])).status).toBe(200);
  });
});

test("an endless order ends with clear, and never concerns the search", async () => {
  await withIntake({}, async (intake) => {
    intake.faults.answer(500, Number.POSITIVE_INFINITY);
    expect((await postBatch(intake, ["a"])).status).toBe(500);
    expect((await postBatch(intake, ["a"])).status).toBe(500);
    expect((await call("GET", `${intake.url}/stats`)).status).toBe(200);
    intake.faults.clear();
    expect((await postBatch(intake, ["a"])).status).toBe(200);
  });
});

test.each([
  { when: "before" as const, stored: ["again"] },
  { when: "after" as const, stored: ["lost answer", "again"] },
])("a connection cut $when accepting leaves $stored", async ({ when, stored }) => {
  await withIntake({}, async (intake) => {
    intake.faults.cut(when, 1);
    await expect(postBatch(intake, ["lost answer"])).rejects.toThrow();
    await postBatch(intake, ["again"]);
    expect(rawEvents(intake)).toEqual(stored);
  });
});

test("a delayed answer comes late, its events at once", async () => {
  await withIntake({}, async (intake) => {
    intake.faults.delay(300);
    const before = performance.now();
    const reply = postBatch(intake, ["a"]);
    await expect.poll(() => intake.count(), { interval: 5 }).toBe(1);
    expect((await reply).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThanOrEqual(295);
    intake.faults.delay(0);
  });
});

test("single events are rejected by a predicate, with its reason", async () => {
  await withIntake({}, async (intake) => {
    intake.faults.reject((raw) => (raw.includes("poison") ? "poison is not taken" : undefined));
    const mixed = await postBatch(intake, ["a", "poison", "b"]);
    expect(mixed.body).toMatchObject({ errors: [{ index: 1, reason: "poison is not taken" }] });
    expect(rawEvents(intake)).toEqual(["a", "b"]);
    const alone = await postBatch(intake, ["poison"]);
    expect(alone).toMatchObject({ status: 200, body: { event_ids: [], errors: [{ index: 0 }] } });
    const single = await call("POST", `${intake.url}/plain?intake_key=k`, "poison");
    expect(single).toMatchObject({ status: 400, body: { error: "poison is not taken" } });
    intake.faults.reject(undefined);
    expect((await postBatch(intake, ["poison"])).body).not.toHaveProperty("errors");
  });
});

test("requests are refused as a whole by what their bodies hold", async () => {
  await withIntake({}, async (intake) => {
    intake.faults.refuse((body) => (body.includes("poison") ? 400 : undefined));
    expect(await postBatch(intake, ["a", "poison"])).toMatchObject({
      status: 400,
      body: { error: "answered 400 by order" },
    });
    expect((await postBatch(intake, ["b"])).status).toBe(200);
    intake.faults.refuse(undefined);
    await postBatch(intake, ["poison"]);
    expect(rawEvents(intake)).toEqual(["b", "poison"]);
  });
});

test("an intake that is down answers nobody, and comes back on its port with its events", async () => {
  await withIntake({}, async (intake) => {
    await postBatch(intake, ["a"]);
    await intake.faults.down();
    await expect(postBatch(intake, ["b"])).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await intake.faults.up();
    await postBatch(intake, ["c"]);
    expect(rawEvents(intake)).toEqual(["a", "c"]);
  });
});

test("an intake may be closed while it is down", async () => {
  await withIntake({}, async (intake) => {
    await intake.faults.down();
  });
});

test("whoever listens gets each accepted event's text, also from an intake that keeps nothing", async () => {
  const accepted: string[] = [];
  await withIntake({ discard: true, onAccepted: (raw) => void accepted.push(raw) }, async (intake) => {
    intake.faults.answer(503, 1);
    await postBatch(intake, ["lost"]);
    await postBatch(intake, ["a", "é"]);
    expect(accepted).toEqual(["a", "é"]);
  });
});
