import { setTimeout as wait } from "node:timers/promises";
import { EventHubConsumerClient } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { closeInTime } from "../support/close-in-time.ts";
import { until } from "../support/eventually.ts";
import { GROUP, HUB, type World } from "./world.ts";

/**
 * What may arrive twice because of a fault. `none`: nothing. `answers`: what was in requests whose answers were lost.
 * `window`: what one process had received and not settled, or settled and not yet checkpointed. The window bounds both.
 * `unstored`: what was settled while no checkpoint could be stored.
 */
export type Repeats = "none" | "answers" | "window" | "unstored";

export type Fault = {
  readonly name: string;
  readonly repeats: Repeats;
  /** Seconds or more, whatever the length of outages: only for runs of minutes. */
  readonly isSlow?: boolean;
  /**
   * Resolves when the trouble is over; the recovery is timed from then.
   * @returns what did not hold.
   */
  run(world: World): Promise<string[]>;
};

const CONFLICTS_MS = 60_000;
const LONG_OUTAGE_MS = 100_000;
const CLOCK_SKEW_MS = 5 * 60_000;
/** A hub of more would be read by as many links. */
const PARTITIONS_MAX = 32;
const MAX_STOP_MS = 10_000;
/** Starting a process, a slow machine, and a blob's time stamp of whole seconds. */
const SLACK_MS = 5000;
const START_MS = 30_000;

const simple = (
  name: string,
  repeats: Repeats,
  act: (world: World) => Promise<unknown> | unknown,
): Fault => ({
  name,
  repeats,
  run: async (world) => {
    await act(world);
    return [];
  },
});

const outage = (
  name: string,
  repeats: Repeats,
  begin: (world: World) => Promise<unknown> | unknown,
  end: (world: World) => Promise<unknown> | unknown,
): Fault =>
  simple(name, repeats, async (world) => {
    await begin(world);
    await wait(world.options.outageMs);
    await end(world);
  });

/** Every partition has an owner that renewed after `sinceMs`, so none waits for a process that is gone. */
async function takenOver(world: World, sinceMs: number, what: string): Promise<string[]> {
  const { ownershipExpiryMs, ownershipUpdateMs } = world.options.leases;
  const boundMs = ownershipExpiryMs + 2 * ownershipUpdateMs;
  const isDone = async () => {
    const owners = await world.blobs.ownerships();
    return world.traffic.partitionIds.every((id) => {
      const owner = owners.get(id);
      return owner !== undefined && owner.ownerId !== "" && owner.renewedAtMs > sinceMs;
    });
  };
  if (await until(isDone, boundMs + SLACK_MS)) {
    return [];
  }
  return [`${what}: not every partition was taken over within ${boundMs / 1000} s`];
}

/** A process that starts slowly takes partitions later, and what comes twice then is this fault's. */
async function joins(world: World): Promise<void> {
  const worker = world.addWorker();
  await until(() => worker.isServing, START_MS);
}

async function stopWorker(world: World): Promise<string[]> {
  const worker = world.takeWorker();
  // Before it listens for signals, one would end it as any process.
  await until(() => worker.isServing, START_MS);
  const startedAtMs = Date.now();
  worker.signal("SIGTERM");
  const code = await Promise.race([worker.exited(), wait(MAX_STOP_MS + 1000, "late" as const)]);
  if (code === 0) {
    return [];
  }
  const took = code === "late" ? `not within ${MAX_STOP_MS / 1000} s` : `with exit code ${code}`;
  return [`SIGTERM: ${worker.name} ended ${took}, ${Date.now() - startedAtMs} ms after it`];
}

/** Something that is not the intake answers for a while; it is asked again slowly. */
const stranger = (name: string, begin: (world: World) => void): Fault => ({
  ...outage(name, "none", begin, ({ intake }) => intake.faults.clear()),
  isSlow: true,
});
const ALWAYS = Number.POSITIVE_INFINITY;

const INTAKE_FAULTS: readonly Fault[] = [
  stranger("intake answers 400 to all", ({ intake }) => intake.faults.answer(400, ALWAYS)),
  stranger("a wrong path answers 405", ({ intake }) => intake.faults.answer(405, ALWAYS)),
  stranger("a proxy answers 407", ({ intake }) => intake.faults.answer(407, ALWAYS)),
  stranger("a page answers 200", ({ intake }) =>
    intake.faults.answerPage(200, "<html>blocked</html>", ALWAYS),
  ),
  stranger("a gateway answers 204", ({ intake }) => intake.faults.answerPage(204, "", ALWAYS)),
  {
    name: "intake's answer drips",
    repeats: "answers",
    isSlow: true,
    run: async ({ intake }) => {
      intake.faults.drip(5000, 3);
      await wait(70_000);
      return [];
    },
  },
  simple("intake answers 429 with Retry-After", "none", ({ intake }) => intake.faults.answer(429, 4, "1")),
  simple("intake answers 500", "none", ({ intake }) => intake.faults.answer(500, 4)),
  simple("intake answers 503", "none", ({ intake }) => intake.faults.answer(503, 4)),
  simple("intake answers 413", "none", ({ intake }) => intake.faults.answer(413, 3)),
  simple("intake resets connections", "none", ({ intake }) => intake.faults.cut("before", 4)),
  simple("intake accepts, the answer is lost", "answers", ({ intake }) => intake.faults.cut("after", 3)),
  outage(
    "intake answers after 2 s",
    "none",
    ({ intake }) => intake.faults.delay(2000),
    ({ intake }) => intake.faults.delay(0),
  ),
  outage(
    "intake down",
    "answers",
    ({ intake }) => intake.faults.down(),
    ({ intake }) => intake.faults.up(),
  ),
  {
    name: "intake never answers (time-out)",
    repeats: "answers",
    isSlow: true,
    run: async ({ intake }) => {
      intake.faults.delay(45_000);
      await wait(3000);
      intake.faults.delay(0);
      await wait(30_000);
      return [];
    },
  },
];

const HUB_FAULTS: readonly Fault[] = [
  simple("hub drops the connections", "none", ({ hub }) => hub.faults.dropConnections()),
  simple("hub closes the connections", "none", ({ hub }) => hub.faults.closeConnections()),
  simple("hub detaches the links", "none", ({ hub }) =>
    hub.faults.detachLinks("amqp:link:detach-forced", { group: GROUP }),
  ),
  simple("hub is busy", "none", ({ hub }) =>
    hub.faults.detachLinks("com.microsoft:server-busy", { group: GROUP }),
  ),
  simple("hub gets another partition", "none", ({ hub }) => {
    if (hub.hub(HUB).partitionIds.length < PARTITIONS_MAX) {
      hub.hub(HUB).addPartitions(1);
    }
  }),
  simple("hub says stolen", "window", ({ hub, random, traffic }) =>
    hub.faults.detachLinks("amqp:link:stolen", {
      group: GROUP,
      partitionId: random.pick(traffic.partitionIds),
    }),
  ),
  outage(
    "hub down",
    "none",
    ({ hub }) => hub.faults.down(),
    ({ hub }) => hub.faults.up(),
  ),
  outage(
    "hub leaves management unanswered",
    "none",
    ({ hub }) => hub.faults.stallManagement(true),
    ({ hub }) => hub.faults.stallManagement(false),
  ),
  outage(
    "hub refuses tokens",
    "none",
    ({ hub }) => {
      hub.faults.refuseTokens(true);
      hub.faults.dropConnections();
    },
    ({ hub }) => hub.faults.refuseTokens(false),
  ),
  outage(
    "hub refuses links",
    "none",
    ({ hub }) => {
      hub.faults.refuseAttaches("com.microsoft:server-busy", { group: GROUP });
      hub.faults.detachLinks("com.microsoft:server-busy", { group: GROUP });
    },
    ({ hub }) => hub.faults.refuseAttaches(undefined),
  ),
  outage(
    "hub is silent, the connection open",
    "none",
    ({ hub }) => hub.faults.freeze(true),
    ({ hub }) => hub.faults.freeze(false),
  ),
];

const STORAGE_FAULTS: readonly Fault[] = [
  // Longer than the leases, everybody's ownership is over, and who comes first reads from the last checkpoint.
  outage(
    "storage down",
    "window",
    ({ proxy }) => proxy.down(),
    ({ proxy }) => proxy.up(),
  ),
  {
    name: "storage down for 100 s",
    repeats: "unstored",
    isSlow: true,
    run: async ({ proxy }) => {
      await proxy.down();
      await wait(LONG_OUTAGE_MS);
      await proxy.up();
      return [];
    },
  },
  outage(
    "storage slow",
    "window",
    ({ proxy }) => proxy.slow(1000),
    ({ proxy }) => proxy.slow(0),
  ),
  simple("storage conflicts (412)", "window", async ({ proxy }) => {
    proxy.conflict(10);
    await until(() => proxy.conflictsLeft === 0, CONFLICTS_MS);
  }),
  simple("storage container deleted", "window", async (world) => {
    // The dead letters go with it, so those there are must be seen before.
    await world.collectDeadLetters();
    await world.blobs.container.delete();
  }),
];

const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: "process killed (SIGKILL)",
    repeats: "window",
    async run(world) {
      const worker = world.takeWorker();
      const isAlone = world.workers.length === 0;
      const killedAtMs = Date.now();
      await worker.destroy();
      if (isAlone) {
        world.addWorker();
      }
      const broken = await takenOver(world, killedAtMs, "SIGKILL");
      if (!isAlone) {
        await joins(world);
      }
      return broken;
    },
  },
  {
    name: "process stopped (SIGTERM)",
    repeats: "window",
    async run(world) {
      const broken = await stopWorker(world);
      await joins(world);
      return broken;
    },
  },
  {
    name: "process frozen past its lease (SIGSTOP)",
    repeats: "window",
    async run(world) {
      const { ownershipExpiryMs, ownershipUpdateMs } = world.options.leases;
      const worker = world.takeWorker();
      const isAlone = world.workers.length === 0;
      const frozenAtMs = Date.now();
      worker.signal("SIGSTOP");
      const broken = isAlone ? [] : await takenOver(world, frozenAtMs, "SIGSTOP");
      await wait(Math.max(0, frozenAtMs + ownershipExpiryMs + 2 * ownershipUpdateMs - Date.now()));
      worker.signal("SIGCONT");
      world.workers.push(worker);
      return broken;
    },
  },
  {
    name: "process added and removed",
    repeats: "window",
    async run(world) {
      world.addWorker();
      await wait(4 * world.options.leases.ownershipUpdateMs);
      return stopWorker(world);
    },
  },
  {
    name: "process with a clock 5 minutes ahead joins and leaves",
    repeats: "window",
    async run(world) {
      const worker = world.addWorker(CLOCK_SKEW_MS);
      // Before it listens for signals, one would end it as any process.
      await until(() => worker.isServing, START_MS);
      await wait(6 * world.options.leases.ownershipUpdateMs);
      world.workers.splice(world.workers.indexOf(worker), 1);
      worker.signal("SIGTERM");
      const code = await Promise.race([worker.exited(), wait(MAX_STOP_MS + 1000, "late" as const)]);
      return code === 0 ? [] : [`${worker.name}: with a wrong clock it ended with ${code}`];
    },
  },
  simple("another SDK's consumer joins and leaves", "window", async (world) => {
    const { ownershipExpiryMs, ownershipUpdateMs } = world.options.leases;
    const client = new EventHubConsumerClient(
      GROUP,
      world.hub.connectionString(HUB),
      HUB,
      new BlobCheckpointStore(world.blobs.container),
      {
        loadBalancingOptions: {
          strategy: "greedy",
          updateIntervalInMs: ownershipUpdateMs,
          partitionOwnershipExpirationIntervalInMs: ownershipExpiryMs,
        },
      },
    );
    // It writes no checkpoint, so what it reads is still to be delivered by us.
    const subscription = client.subscribe({
      processEvents: async () => undefined,
      processError: async () => undefined,
    });
    await wait(5 * ownershipUpdateMs);
    await closeInTime(subscription);
    await closeInTime(client);
  }),
  simple("poison messages of ten kinds", "none", ({ traffic }) => traffic.sendPoison()),
];

export const FAULTS: readonly Fault[] = [
  ...INTAKE_FAULTS,
  ...HUB_FAULTS,
  ...STORAGE_FAULTS,
  ...PROCESS_FAULTS,
];
