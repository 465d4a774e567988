import { expect, test } from "vitest";
import { Random } from "../../chaos/random.ts";
import { configOf, HUB, startTestHub } from "../../local/hub/harness.ts";
import { eventually } from "../../support/eventually.ts";
import type { FaultyHub } from "../../support/hub-faults.ts";
import { accessOf, countTo, Recorder, startConsumer } from "./support/consuming.ts";
import { startFront } from "./support/front.ts";
import { MemoryStore } from "./support/memory-store.ts";

const PARTITIONS = ["0", "1", "2", "3"];
const EVENTS = 15_000;

function fill(server: FaultyHub, count: number, from = 0): void {
  for (const partitionId of PARTITIONS) {
    const bodies = countTo(count).map((index) =>
      Buffer.from(`${partitionId}/${from + index}/${"x".repeat(200)}`),
    );
    server.hub(HUB).append(partitionId, bodies);
  }
}

test("no fault of the connection or a link makes a gap or a repeat", async () => {
  const server = await startTestHub({ config: configOf(4) });
  const { faults } = server;
  const breaks = [
    () => faults.dropConnections(),
    () => faults.closeConnections(),
    () => faults.detachLinks("amqp:link:detach-forced"),
    () => faults.detachLinks("com.microsoft:server-busy", { partitionId: "2" }),
    () => faults.detachLinks("amqp:internal-error"),
    () => faults.closeConnections("amqp:internal-error", "again"),
    () => faults.dropConnections(),
  ];
  fill(server, EVENTS);
  const recorder = new Recorder();
  let next = 4000;
  let broken = 0;
  recorder.onEvent = () => {
    if (recorder.received < next || breaks.length === 0) {
      return;
    }
    next += 7000;
    // Each fault meets a stream that is full.
    setImmediate(() => {
      broken += breaks.shift()?.() ?? 0;
    });
  };
  const { failing } = await startConsumer(server, { recorder });
  await eventually(() => recorder.received >= 4 * EVENTS && breaks.length === 0);
  fill(server, 10, EVENTS);
  await eventually(() => recorder.received >= 4 * (EVENTS + 10));
  expect(broken).toBeGreaterThanOrEqual(7);
  expect(failing.length).toBeGreaterThan(0);
  for (const partitionId of PARTITIONS) {
    expect(recorder.sequenceNumbers(partitionId)).toEqual(countTo(EVENTS + 10));
    const bodies = recorder.bodies(partitionId).map((body) => body.toString());
    expect(bodies.every((body, index) => body === `${partitionId}/${index}/${"x".repeat(200)}`)).toBe(true);
    expect(recorder.of(partitionId)).toHaveLength(1);
  }
});

test("a partition that another reader took is read again after its checkpoint", async () => {
  const server = await startTestHub({ config: configOf(1) });
  const store = new MemoryStore(() => Date.now());
  const bodies = countTo(3000).map((index) => Buffer.from(String(index)));
  server.hub(HUB).append("0", bodies);
  const { recorder, lines } = await startConsumer(server, { store });
  await eventually(() => recorder.received === 3000);
  const offset = recorder.opened[0]?.position?.offset ?? "";
  await store.positions.write("0", { offset, sequenceNumber: 2999 });
  expect(server.faults.detachLinks("amqp:link:stolen")).toBe(1);
  await eventually(() => recorder.opened.length === 2);
  server.hub(HUB).append("0", bodies);
  await eventually(() => recorder.received === 6000);
  expect(recorder.opened[0]?.isClosed).toBe(true);
  expect(recorder.opened[1]?.from).toEqual({ offset, sequenceNumber: 2999 });
  expect(recorder.sequenceNumbers("0")).toEqual(countTo(6000));
  expect(lines.filter((line) => line.includes("another reader has taken partition 0"))).toHaveLength(1);
});

test.each([1, 2])(
  "a stream that is cut at any byte, again and again, has no gap and no repeat (seed %i)",
  async (seed) => {
    const random = new Random(seed);
    const server = await startTestHub({ config: configOf(4) });
    let cuts = 8;
    const front = await startFront(server.port, {
      // Some are cut before anything is open, most within events, also within the frames of a large one.
      cutAfterBytes: () =>
        cuts-- > 0 ? random.between(1, random.pick([1000, 3000, 300_000, 600_000])) : undefined,
    });
    const bodies = PARTITIONS.map(() =>
      countTo(300).map((index) =>
        Buffer.alloc(
          random.next() < 0.05 ? random.between(60_000, 300_000) : random.between(1, 2000),
          `${index};`,
        ),
      ),
    );
    PARTITIONS.forEach((partitionId, index) => {
      server.hub(HUB).append(partitionId, bodies[index] ?? []);
    });
    const { recorder } = await startConsumer(server, {
      access: { ...accessOf(server), host: "127.0.0.1", port: front.port },
    });
    await eventually(
      () => recorder.received >= 1200,
      () => [recorder.received, cuts],
    );
    PARTITIONS.forEach((partitionId, index) => {
      expect(recorder.sequenceNumbers(partitionId)).toEqual(countTo(300));
      const isRight = recorder
        .bodies(partitionId)
        .every((body, at) => body.equals(bodies[index]?.[at] ?? body.subarray(1)));
      expect(isRight).toBe(true);
    });
    expect(cuts).toBeLessThan(4);
  },
);

test("a hub that is away is asked until it is back, and nothing is lost or comes twice", async () => {
  const server = await startTestHub({ config: configOf(4) });
  fill(server, 100);
  const { recorder, failing, lines } = await startConsumer(server);
  await eventually(() => recorder.received === 400);
  await server.faults.down();
  await eventually(() => failing.filter((sinceMs) => sinceMs !== null).length >= 8);
  fill(server, 100, 100);
  await server.faults.up();
  await eventually(() => recorder.received === 800);
  await eventually(() => failing.at(-1) === null);
  for (const partitionId of PARTITIONS) {
    expect(recorder.sequenceNumbers(partitionId)).toEqual(countTo(200));
  }
  expect(lines.filter((line) => line.includes("the hub does not answer; retrying"))).not.toEqual([]);
  expect(lines.at(-1)).toBe("info: the hub can be read again");
});
