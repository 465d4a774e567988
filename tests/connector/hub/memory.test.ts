import { expect, test } from "vitest";
import type { LocalHubServer } from "../../../src/local/hub/server.ts";
import { configOf, HUB, startTestHub } from "../../local/hub/harness.ts";
import { eventually } from "../../support/eventually.ts";
import { countTo, Recorder, startConsumer } from "./support/consuming.ts";

const MIB = 1024 * 1024;

function append(server: LocalHubServer, partitionId: string, count: number, bytes: number): void {
  const body = Buffer.alloc(bytes, "x");
  server.hub(HUB).append(
    partitionId,
    countTo(count).map(() => body),
  );
}

const creditOf = (server: LocalHubServer) =>
  server.stats().receivers.reduce((sum, { credit }) => sum + credit, 0);

/** Nothing more comes: the hub answers others meanwhile, and what was sent stays the same. */
async function comesToRest(server: LocalHubServer, recorder: Recorder): Promise<void> {
  let before = -1;
  let unchanged = 0;
  await eventually(() => {
    const sent = server.stats().sentTransfers + recorder.received;
    unchanged = sent === before ? unchanged + 1 : 0;
    before = sent;
    return unchanged > 40;
  });
}

test("while nothing is settled, no more comes than the bound in events", async () => {
  const server = await startTestHub({ config: configOf(4) });
  for (const partitionId of ["0", "1", "2", "3"]) {
    append(server, partitionId, 20_000, 100);
  }
  const recorder = new Recorder();
  recorder.isHolding = true;
  recorder.keepsBodies = false;
  await startConsumer(server, { recorder, settings: { maxEventsPerPartition: 1000 } });
  await eventually(() => recorder.received >= 4000);
  await comesToRest(server, recorder);
  for (const opened of recorder.opened) {
    expect(opened.sequenceNumbers).toHaveLength(1000);
  }
  expect(creditOf(server)).toBe(0);
  recorder.isHolding = false;
  recorder.settle();
  await eventually(() => recorder.received === 80_000);
  for (const opened of recorder.opened) {
    expect(opened.sequenceNumbers).toEqual(countTo(20_000));
  }
});

test("while nothing is settled, no more comes than the bound in bytes", async () => {
  const server = await startTestHub({ config: configOf(4) });
  for (const partitionId of ["0", "1", "2", "3"]) {
    append(server, partitionId, 1000, 20_000);
  }
  const recorder = new Recorder(20_000, 8 * MIB);
  recorder.isHolding = true;
  recorder.keepsBodies = false;
  await startConsumer(server, { recorder });
  await comesToRest(server, recorder);
  const held = recorder.inFlight.pendingBytes;
  expect(held).toBeGreaterThan(4 * MIB);
  // The credit foresees sizes but for the first events of each link.
  expect(held).toBeLessThan(1.25 * 8 * MIB + 256 * 1024);
  // Nobody starves.
  for (const opened of recorder.opened) {
    expect(opened.sequenceNumbers.length).toBeGreaterThan(40);
  }
  recorder.isHolding = false;
  recorder.settle();
  await eventually(() => recorder.received === 4000);
});

test("sizes that jump from 100 bytes to a megabyte do not fill the memory", async () => {
  const server = await startTestHub({ config: configOf(2) });
  const recorder = new Recorder(20_000, 8 * MIB);
  recorder.keepsBodies = false;
  for (const partitionId of ["0", "1"]) {
    append(server, partitionId, 5000, 100);
  }
  await startConsumer(server, { recorder });
  await eventually(() => recorder.received === 10_000);
  // The credit that is out was given for small events.
  expect(creditOf(server)).toBeGreaterThan(2000);
  recorder.isHolding = true;
  for (const partitionId of ["0", "1"]) {
    append(server, partitionId, 40, 1_000_000);
  }
  await eventually(() => recorder.inFlight.isFull);
  await comesToRest(server, recorder);
  // Reading stops a quarter over the budget; one message was on its way, and one read is the last.
  expect(recorder.inFlight.pendingBytes).toBeLessThan(1.25 * 8 * MIB + MIB + 256 * 1024);
  recorder.isHolding = false;
  recorder.settle();
  await eventually(() => recorder.received === 10_080);
  for (const opened of recorder.opened) {
    expect(opened.sequenceNumbers).toEqual(countTo(5040));
  }
});

test("a trickle does not pile up credit, and a burst after it is bounded", async () => {
  const server = await startTestHub();
  const recorder = new Recorder();
  recorder.keepsBodies = false;
  await startConsumer(server, { recorder, settings: { maxEventsPerPartition: 400 } });
  await eventually(() => server.stats().receivers.length === 1);
  for (const round of countTo(300)) {
    append(server, "0", 1, 100);
    await eventually(() => recorder.received === round + 1);
    expect(creditOf(server)).toBeLessThanOrEqual(400);
  }
  recorder.isHolding = true;
  append(server, "0", 5000, 100);
  await comesToRest(server, recorder);
  expect(recorder.received).toBeLessThanOrEqual(300 + 400);
  recorder.isHolding = false;
  recorder.settle();
  await eventually(() => recorder.received === 5300);
  expect(recorder.sequenceNumbers("0")).toEqual(countTo(5300));
});
