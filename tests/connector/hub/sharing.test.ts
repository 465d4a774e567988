import { EventHubConsumerClient, earliestEventPosition } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { BlobOwnership } from "../../../src/connector/checkpoint/ownership-records.ts";
import { BlobPositions } from "../../../src/connector/checkpoint/positions.ts";
import type { Position } from "../../../src/connector/contract.ts";
import { endsWithin, systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/log.ts";
import type { LocalHubServer } from "../../../src/local/hub/server.ts";
import { type LocalStorage, startStorage } from "../../../src/local/storage/azurite.ts";
import { Random } from "../../chaos/random.ts";
import { configOf, HUB, startTestHub } from "../../local/hub/harness.ts";
import { eventually } from "../../support/eventually.ts";
import { countTo, Recorder, startConsumer } from "./support/consuming.ts";

const PARTITIONS = countTo(8).map(String);
const UPDATE_MS = 300;
const EXPIRY_MS = 4000;
/** Events of each partition in a tick of the load. */
const BURST = 20;
const TICK_MS = 20;
/**
 * Of what is read, so much may be read twice when half of the partitions move there and back: what was handled and is
 * not in the store yet, and what the SDK reads until it notices. A part, since a busy machine makes all of it longer.
 */
const MOST_TWICE = 0.25;

let storage: LocalStorage;
let containers = 0;

beforeAll(async () => {
  storage = await startStorage();
});

afterAll(async () => {
  await storage?.close();
});

/** A container of its own. */
async function createStore(): Promise<ContainerClient> {
  const container = new ContainerClient(storage.connectionString, `sharing${++containers}`);
  await container.create();
  return container;
}

type Seen = Map<string, number>;

const see = (seen: Seen, partitionId: string, sequenceNumber: number) => {
  const event = `${partitionId}/${sequenceNumber}`;
  seen.set(event, (seen.get(event) ?? 0) + 1);
};

const duplicates = (seen: Seen) => [...seen.values()].reduce((sum, times) => sum + times - 1, 0);

/** Events for every partition, all the time, until it is stopped. @returns how many there are, once it is. */
function startLoad(server: LocalHubServer) {
  const hub = server.hub(HUB);
  const bodies = countTo(BURST).map(() => Buffer.alloc(300, "e"));
  const timer = setInterval(() => {
    for (const partitionId of PARTITIONS) {
      hub.append(partitionId, bodies);
    }
  }, TICK_MS);
  onTestFinished(() => clearInterval(timer));
  return () => {
    clearInterval(timer);
    return PARTITIONS.reduce((sum, partitionId) => sum + hub.state(partitionId).lastSequenceNumber + 1, 0);
  };
}

/**
 * One of ours, which settles and writes checkpoints as the pipeline does: one write at a time for each partition.
 * @param settleEveryMs 0: each event is settled at once.
 */
async function joinOurs(
  server: LocalHubServer,
  container: ContainerClient,
  seen: Seen,
  {
    seed,
    settleEveryMs = 0,
    maxEventsPerPartition = 4000,
  }: { seed: number; settleEveryMs?: number; maxEventsPerPartition?: number },
) {
  const random = new Random(seed);
  const names = { namespace: "localhost", hubName: HUB, consumerGroup: "cg1" };
  const positions = new BlobPositions(names, { container, logger: silentLogger });
  const ownership = new BlobOwnership(names, { container, clock: systemClock, logger: silentLogger });
  const recorder = new Recorder();
  recorder.keepsBodies = false;
  recorder.onEvent = (partitionId, sequenceNumber) => see(seen, partitionId, sequenceNumber);
  const waiting = new Map<string, Position>();
  const writing = new Set<string>();
  const problems: unknown[] = [];
  const { consumer, lines, stop } = await startConsumer(server, {
    stores: { ownership, positions },
    recorder,
    random: () => random.next(),
    settings: { ownershipUpdateMs: UPDATE_MS, ownershipExpiryMs: EXPIRY_MS, maxEventsPerPartition },
  });
  const write = async (partitionId: string) => {
    if (writing.has(partitionId)) {
      return;
    }
    writing.add(partitionId);
    for (let next = waiting.get(partitionId); next !== undefined; next = waiting.get(partitionId)) {
      waiting.delete(partitionId);
      if (consumer.owns(partitionId)) {
        await positions.write(partitionId, next);
      }
    }
    writing.delete(partitionId);
  };
  const reached = new Map<string, Position>();
  const settle = () => {
    recorder.settle();
    for (const [partitionId, position] of reached) {
      waiting.set(partitionId, position);
      write(partitionId).catch((thrown: unknown) => problems.push(thrown));
    }
    reached.clear();
  };
  recorder.isHolding = settleEveryMs > 0;
  recorder.onReach = (partitionId, position) => {
    reached.set(partitionId, position);
    if (settleEveryMs === 0) {
      settle();
    }
  };
  const timer = settleEveryMs > 0 ? setInterval(settle, settleEveryMs) : undefined;
  return {
    recorder,
    lines,
    owned: () => PARTITIONS.filter((partitionId) => consumer.owns(partitionId)),
    /** From here on, each event is settled at once. */
    hurry() {
      recorder.isHolding = false;
      settle();
    },
    async leave() {
      consumer.pause();
      clearInterval(timer);
      settle();
      await eventually(() => writing.size === 0);
      await stop();
      expect(problems).toEqual([]);
    },
  };
}

/** A consumer of the SDK that writes a checkpoint after each batch. */
function joinSdk(
  server: LocalHubServer,
  container: ContainerClient,
  seen: Seen,
  strategy: "greedy" | "balanced",
) {
  const client = new EventHubConsumerClient(
    "cg1",
    server.connectionString(),
    HUB,
    new BlobCheckpointStore(container),
    {
      loadBalancingOptions: {
        strategy,
        updateIntervalInMs: UPDATE_MS,
        partitionOwnershipExpirationIntervalInMs: EXPIRY_MS,
      },
      retryOptions: { maxRetries: 10, retryDelayInMs: 50 },
    },
  );
  const owned = new Set<string>();
  const subscription = client.subscribe(
    {
      processInitialize: async ({ partitionId }) => void owned.add(partitionId),
      processClose: async (_reason, { partitionId }) => void owned.delete(partitionId),
      processEvents: async (events, context) => {
        for (const { sequenceNumber } of events) {
          see(seen, context.partitionId, sequenceNumber);
        }
        const last = events.at(-1);
        if (last !== undefined) {
          await context.updateCheckpoint(last);
        }
      },
      // Partitions that are taken away are what this is about.
      processError: async () => {},
    },
    { startPosition: earliestEventPosition, maxBatchSize: 100, maxWaitTimeInSeconds: 1 },
  );
  let left: Promise<unknown> | undefined;
  const leave = () => {
    // The SDK's close may never settle.
    left ??= endsWithin(
      systemClock,
      5000,
      subscription
        .close()
        .then(() => client.close())
        .catch(() => undefined),
    );
    return left;
  };
  onTestFinished(async () => {
    await leave();
  });
  return { owned: () => [...owned], leave };
}

test.each(["greedy", "balanced"] as const)(
  "ours first, then one of the SDK (%s) joins and leaves: fair shares, no event lost, few read twice",
  async (strategy) => {
    const server = await startTestHub({ config: configOf(8) });
    const store = await createStore();
    const seen: Seen = new Map();
    const endLoad = startLoad(server);
    const ours = await joinOurs(server, store, seen, { seed: 1 });
    await eventually(() => ours.owned().length === 8 && seen.size > 2000);
    const sdk = joinSdk(server, store, seen, strategy);
    await eventually(
      () => ours.owned().length === 4 && sdk.owned().length === 4,
      () => [ours.owned(), sdk.owned()],
    );
    const before = seen.size;
    await eventually(() => seen.size > before + 4000);
    expect([ours.owned().length, sdk.owned().length]).toEqual([4, 4]);
    await sdk.leave();
    await eventually(() => ours.owned().length === 8);
    const total = endLoad();
    await eventually(
      () => seen.size === total,
      () => `${seen.size} of ${total}`,
    );
    expect(duplicates(seen)).toBeLessThan(MOST_TWICE * seen.size);
    await ours.leave();
  },
  60_000,
);

test("one of the SDK first, then ours joins and leaves: fair shares, no event lost, few read twice", async () => {
  const server = await startTestHub({ config: configOf(8) });
  const store = await createStore();
  const seen: Seen = new Map();
  const endLoad = startLoad(server);
  const sdk = joinSdk(server, store, seen, "greedy");
  await eventually(() => sdk.owned().length === 8 && seen.size > 2000);
  const ours = await joinOurs(server, store, seen, { seed: 2 });
  await eventually(() => ours.owned().length === 4 && sdk.owned().length === 4);
  const before = seen.size;
  await eventually(() => seen.size > before + 4000);
  expect([ours.owned().length, sdk.owned().length]).toEqual([4, 4]);
  await ours.leave();
  await eventually(() => sdk.owned().length === 8);
  expect(duplicates(seen)).toBeLessThan(MOST_TWICE * seen.size);
  const total = endLoad();
  await eventually(
    () => seen.size === total,
    () => `${seen.size} of ${total}`,
  );
}, 60_000);

test("two of ours under full load: the second takes its half at once, and no partition goes back and forth", async () => {
  const server = await startTestHub({ config: configOf(8) });
  const store = await createStore();
  const seen: Seen = new Map();
  const count = 10_000;
  const bodies = countTo(count).map(() => Buffer.alloc(100, "b"));
  for (const partitionId of PARTITIONS) {
    server.hub(HUB).append(partitionId, bodies);
  }
  // Each partition always has more than may come.
  const pace = { settleEveryMs: 20, maxEventsPerPartition: 100 };
  const first = await joinOurs(server, store, seen, { seed: 3, ...pace });
  await eventually(() => seen.size > 10_000);
  const second = await joinOurs(server, store, seen, { seed: 4, ...pace });
  await eventually(() => first.owned().length === 4 && second.owned().length === 4);
  const before = seen.size;
  await eventually(() => seen.size > before + 20_000);
  expect([first.owned().length, second.owned().length]).toEqual([4, 4]);
  expect(seen.size).toBeLessThan(8 * count);
  await second.leave();
  await eventually(() => first.owned().length === 8);
  first.hurry();
  await eventually(
    () => seen.size === 8 * count,
    () => seen.size,
  );
  expect(second.recorder.opened.length).toBeLessThanOrEqual(5);
  expect(first.recorder.opened.length).toBeLessThanOrEqual(13);
  // Four partitions move to the second while they are read; it gives them back in order.
  expect(duplicates(seen)).toBeLessThan(0.1 * seen.size);
  await first.leave();
}, 60_000);
