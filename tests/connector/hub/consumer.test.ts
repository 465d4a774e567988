import { expect, test } from "vitest";
import { bodiesOf, configOf, HUB, startTestHub } from "../../local/hub/harness.ts";
import { eventually } from "../../support/eventually.ts";
import { countTo, Recorder, startConsumer } from "./support/consuming.ts";
import { MemoryStore } from "./support/memory-store.ts";

test("a refused key is reported as an error with what to do, and reading goes on once it is right", async () => {
  const server = await startTestHub({ config: configOf(2) });
  for (const partitionId of ["0", "1"]) {
    server.hub(HUB).append(partitionId, bodiesOf("before"));
  }
  const { recorder, lines, failing } = await startConsumer(server);
  await eventually(() => recorder.received === 2);
  server.faults.refuseTokens(true);
  server.faults.dropConnections();
  await eventually(() =>
    lines.some((line) => line.startsWith("error: the hub refused the key; copy hub_connection_string")),
  );
  expect(lines.filter((line) => line.startsWith("error"))).toHaveLength(1);
  expect(lines.join()).not.toContain("SharedAccessSignature");
  for (const partitionId of ["0", "1"]) {
    server.hub(HUB).append(partitionId, bodiesOf("after"));
  }
  server.faults.refuseTokens(false);
  await eventually(() => recorder.received === 4);
  await eventually(() => failing.at(-1) === null);
});

test("a partition that stands still though the hub has more is read by a new link, then by a new connection", async () => {
  const server = await startTestHub();
  const { recorder, rebuilt, lines } = await startConsumer(server, { settings: { lookEveryMs: 40 } });
  await eventually(() => server.stats().receivers.length === 1);
  server.faults.pauseTransfers(true);
  server.hub(HUB).append("0", bodiesOf("a", "b"));
  await eventually(() => rebuilt.length >= 2);
  await eventually(() => lines.some((line) => line.includes("is stuck, and a new connection did not help")));
  expect(lines.filter((line) => line.includes("newer events; "))).toEqual([
    "warning: partition 0 is stuck although the hub holds newer events; reopening its link",
    "warning: partition 0 is stuck although the hub holds newer events; reopening its connection",
  ]);
  server.faults.pauseTransfers(false);
  await eventually(() => recorder.received === 2);
  expect(recorder.sequenceNumbers("0")).toEqual([0, 1]);
});

test("a partition that waits for the intake is left alone", async () => {
  const server = await startTestHub();
  const recorder = new Recorder();
  recorder.isHolding = true;
  const { rebuilt } = await startConsumer(server, {
    recorder,
    settings: { lookEveryMs: 20, maxEventsPerPartition: 10 },
  });
  server.hub(HUB).append(
    "0",
    countTo(100).map(() => Buffer.from("x")),
  );
  await eventually(() => recorder.received === 10);
  // Each look asks the hub once.
  const before = server.stats().sentTransfers;
  await eventually(() => server.stats().sentTransfers > before + 12);
  expect(rebuilt).toEqual([]);
  expect(recorder.received).toBe(10);
});

test("a link that stalls while it is frozen on the way is made good by a new connection", async () => {
  const server = await startTestHub();
  const { recorder } = await startConsumer(server);
  server.hub(HUB).append("0", bodiesOf("a"));
  await eventually(() => recorder.received === 1);
  server.faults.freeze(true);
  server.hub(HUB).append("0", bodiesOf("b"));
  server.faults.dropConnections();
  await eventually(() => recorder.received === 2);
  expect(recorder.sequenceNumbers("0")).toEqual([0, 1]);
});

const beyond = { offset: "99999999", sequenceNumber: 5000 };

function storeWith(checkpoint: { offset: string; sequenceNumber: number }): MemoryStore {
  const store = new MemoryStore(() => Date.now());
  const storedAtMs = Date.now() + 60_000;
  store.checkpoints.set("0", { ...checkpoint, storedAtMs, hubCreatedAtMs: undefined });
  return store;
}

test("a checkpoint that the hub does not know is reported with the gap, and reading starts at the earliest event", async () => {
  const server = await startTestHub();
  server.hub(HUB).append("0", bodiesOf("a", "b"));
  const { recorder, lines } = await startConsumer(server, { store: storeWith(beyond) });
  await eventually(() => recorder.received === 2);
  const [error] = lines.filter((line) => line.startsWith("error"));
  expect(error).toContain(
    "the hub does not know the checkpoint of partition 0, sequence number 5000: it holds 0 to 1, so it was recreated or is another hub",
  );
  expect(error).toContain("reading starts at the earliest event");
});

test("with on_invalid_checkpoint `fail` such a checkpoint ends the run, with what to do", async () => {
  const server = await startTestHub();
  const { crashes } = await startConsumer(server, {
    store: storeWith(beyond),
    settings: { onInvalidCheckpoint: "fail" },
  });
  await eventually(() => crashes.length === 1);
  expect(crashes.splice(0)[0]).toMatchObject({
    code: "CHECKPOINT_INVALID",
    message: expect.stringContaining(
      "set on_invalid_checkpoint to earliest or latest, or delete the checkpoint",
    ),
  });
});

test("reading begins after the checkpoint, and a partition without one at the configured start", async () => {
  const server = await startTestHub({ config: configOf(2) });
  for (const partitionId of ["0", "1"]) {
    server.hub(HUB).append(partitionId, bodiesOf("a", "b", "c"));
  }
  const first = await startConsumer(server);
  await eventually(() => first.recorder.received === 6);
  const [position] = first.recorder.of("0").map((opened) => opened.position);
  await first.stop();
  expect(position?.sequenceNumber).toBe(2);
  server.hub(HUB).append("0", bodiesOf("d"));
  const store = storeWith(position ?? beyond);
  const second = await startConsumer(server, { store, settings: { startPosition: { kind: "latest" } } });
  await eventually(() => second.recorder.received === 1 && server.stats().receivers.length === 2);
  server.hub(HUB).append("1", bodiesOf("new"));
  await eventually(() => second.recorder.received === 2);
  expect(second.recorder.bodies("0").map(String)).toEqual(["d"]);
  expect(second.recorder.bodies("1").map(String)).toEqual(["new"]);
});

test("after the pause no reader is called, and after the release all is given back", async () => {
  const server = await startTestHub({ config: configOf(4) });
  const store = new MemoryStore(() => Date.now());
  const { consumer, recorder, stop } = await startConsumer(server, { store });
  for (const partitionId of ["0", "1", "2", "3"]) {
    server.hub(HUB).append(
      partitionId,
      countTo(50_000).map(() => Buffer.from("x")),
    );
  }
  await eventually(() => recorder.received > 0);
  consumer.pause();
  const received = recorder.received;
  expect(received).toBeLessThan(200_000);
  expect(consumer.owns("0")).toBe(true);
  await stop();
  expect(recorder.received).toBe(received);
  expect(consumer.owns("0")).toBe(false);
  expect(store.ownedBy("")).toHaveLength(4);
  await eventually(() => server.stats().connections === 0);
});

test("a hub that does not answer at the start is waited for until the stop", async () => {
  const server = await startTestHub();
  await server.faults.down();
  const { recorder, started, failing, stop } = await startConsumer(server, { isHubAway: true });
  await eventually(() => failing.length > 0);
  await stop();
  await started;
  expect(recorder.opened).toEqual([]);
});
