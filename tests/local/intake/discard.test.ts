import fc from "fast-check";
import { expect, test } from "vitest";
import { tallyBatch } from "../../../src/local/intake/batch-tally.ts";
import { call, postBatch, withIntake } from "./helpers.ts";

test("discard counts events for each key and keeps none", async () => {
  await withIntake({ discard: true }, async (intake) => {
    const reply = await postBatch(intake, ["a", '{"b":"\\\\"}', "c"], "k");
    expect(reply.status).toBe(200);
    expect(new Set((reply.body as { event_ids: string[] }).event_ids).size).toBe(3);
    await call("POST", `${intake.url}/plain/batch?intake_key=k`, "x\ny\n");
    expect(intake.stats().keys).toEqual([{ intake_key: "k", events: 5 }]);
    expect(intake.events()).toEqual([]);
  });
});

test("discard judges events as keeping them would", async () => {
  await withIntake({ discard: true, keys: ["k"] }, async (intake) => {
    expect((await postBatch(intake, ["a"], "other")).status).toBe(401);
    expect((await postBatch(intake, ["x".repeat(250_001)], "k")).status).toBe(413);
    expect((await postBatch(intake, [1], "k")).status).toBe(400);
    intake.faults.reject((raw) => (raw === "b" ? "b is bad" : undefined));
    expect((await postBatch(intake, ["a", "b"], "k")).body).toMatchObject({ errors: [{ index: 1 }] });
    expect(intake.count()).toBe(1);
  });
});

test.each([
  {
    name: "an escaped quote and comma at an event's end",
    body: '{"intake_key":"k","jsons":["a\\",","b"]}',
    events: 2,
  },
  { name: "white space", body: '{ "intake_key" : "k", "jsons" : [ "a" ,\n"b" ] }', events: 2 },
  { name: "no event", body: '{"intake_key":"k","jsons":[]}', events: 0 },
  { name: "the key last", body: '{"jsons":["a"],"intake_key":"k"}', events: undefined },
  { name: "an event that is not a string", body: '{"intake_key":"k","jsons":["a",1]}', events: undefined },
  { name: "a cut body", body: '{"intake_key":"k","jsons":["a', events: undefined },
  { name: "a body cut after a backslash", body: '{"intake_key":"k","jsons":["a\\', events: undefined },
])("tallyBatch: $name", ({ body, events }) => {
  expect(tallyBatch(Buffer.from(body))?.events).toBe(events);
});

test("tallyBatch counts what JSON.parse counts", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 6 }),
      fc.constantFrom(undefined, 2),
      (jsons, indent) => {
        const body = Buffer.from(JSON.stringify({ intake_key: "k", jsons }, null, indent));
        expect(tallyBatch(body)).toEqual({ intakeKey: "k", events: jsons.length });
      },
    ),
  );
});
