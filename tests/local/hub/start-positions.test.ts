import type { EventPosition } from "@azure/event-hubs";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { bodiesOf, consumerOf, firstError, HUB, startTestHub, subscribe, take, textsOf } from "./harness.ts";

/** Five events a second apart, e0 to e4; the places of an event are known from the hub itself. */
async function hubOfFive() {
  const clock = new ManualClock();
  const server = await startTestHub({ clock });
  const places: { offset: string; sequenceNumber: number; enqueuedAtMs: number }[] = [];
  for (let i = 0; i < 5; i += 1) {
    server.hub(HUB).append("0", bodiesOf(`e${i}`));
    const state = server.hub(HUB).state("0");
    places.push({
      offset: state.lastOffset,
      sequenceNumber: state.lastSequenceNumber,
      enqueuedAtMs: state.lastEnqueuedAtMs,
    });
    clock.advance(1000);
  }
  return {
    server,
    place: (index: number) => places[index] ?? { offset: "", sequenceNumber: 0, enqueuedAtMs: 0 },
  };
}

type Place = Awaited<ReturnType<typeof hubOfFive>>["place"];

test.each<{ name: string; from: (place: Place) => EventPosition; first: string }>([
  { name: "the earliest", from: () => ({ offset: "-1" }), first: "e0" },
  { name: "after an offset", from: (place) => ({ offset: place(1).offset }), first: "e2" },
  { name: "at an offset", from: (place) => ({ offset: place(1).offset, isInclusive: true }), first: "e1" },
  {
    name: "after a sequence number",
    from: (place) => ({ sequenceNumber: place(2).sequenceNumber }),
    first: "e3",
  },
  {
    name: "at a sequence number",
    from: (place) => ({ sequenceNumber: place(2).sequenceNumber, isInclusive: true }),
    first: "e2",
  },
  { name: "after a time", from: (place) => ({ enqueuedOn: place(2).enqueuedAtMs }), first: "e3" },
  { name: "between two times", from: (place) => ({ enqueuedOn: place(2).enqueuedAtMs - 1 }), first: "e2" },
  { name: "before all times", from: () => ({ enqueuedOn: 0 }), first: "e0" },
])("a receiver starts $name", async ({ from, first }) => {
  const { server, place } = await hubOfFive();
  const subscription = subscribe(consumerOf(server), "0", { startPosition: from(place) });
  const count = 5 - Number(first.slice(1));
  const all = ["e0", "e1", "e2", "e3", "e4"];
  expect(textsOf(await take(subscription, count))).toEqual(all.slice(5 - count));
});

test("a receiver that starts with the latest gets only what comes after it", async () => {
  const { server } = await hubOfFive();
  const subscription = subscribe(consumerOf(server), "0", { startPosition: { offset: "@latest" } });
  await eventually(() => (server.stats().receivers[0]?.credit ?? 0) > 0);
  server.hub(HUB).append("0", bodiesOf("new"));
  expect(textsOf(await take(subscription, 1))).toEqual(["new"]);
});

test("the place that an event carries is where the next receiver goes on", async () => {
  const { server, place } = await hubOfFive();
  const events = await take(subscribe(consumerOf(server), "0"), 5);
  expect(
    events.map(({ offset, sequenceNumber, enqueuedTimeUtc }) => [
      offset,
      sequenceNumber,
      enqueuedTimeUtc.getTime(),
    ]),
  ).toEqual(
    [0, 1, 2, 3, 4].map((index) => [
      place(index).offset,
      place(index).sequenceNumber,
      place(index).enqueuedAtMs,
    ]),
  );
});

test.each([
  { name: "an offset", position: { offset: "99999" }, text: /The supplied offset '99999' is invalid/ },
  {
    name: "a sequence number",
    position: { sequenceNumber: 4711 },
    text: /The supplied sequence number '4711' is invalid/,
  },
  {
    name: "an offset of another kind",
    position: { offset: "1:364:0" },
    text: /not one that an Event Hub understands/,
  },
])("$name that the hub never gave out is refused", async ({ position, text }) => {
  const { server } = await hubOfFive();
  const error = await firstError(subscribe(consumerOf(server), "0", { startPosition: position }));
  expect(error.message).toMatch(text);
});

test("what retention dropped is gone: a receiver from the earliest begins where the log now begins", async () => {
  const server = await startTestHub({ retention: { maxEvents: 3, maxBytes: 1_000_000 } });
  server.hub(HUB).append("0", bodiesOf("e0", "e1", "e2", "e3", "e4"));
  const consumer = consumerOf(server);
  expect(textsOf(await take(subscribe(consumer, "0"), 3))).toEqual(["e2", "e3", "e4"]);
  const properties = await consumer.getPartitionProperties("0");
  expect(properties.beginningSequenceNumber).toBe(2);
  expect(properties.lastEnqueuedSequenceNumber).toBe(4);
});
