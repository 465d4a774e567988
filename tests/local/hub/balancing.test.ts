import {
  type Checkpoint,
  type CheckpointStore,
  EventHubConsumerClient,
  earliestEventPosition,
  type PartitionOwnership,
} from "@azure/event-hubs";
import { expect, onTestFinished, test } from "vitest";
import type { LocalHubServer } from "../../../src/local/hub/server.ts";
import { closeInTime } from "../../support/close-in-time.ts";
import { eventually } from "../../support/eventually.ts";
import { bodiesOf, configOf, HUB, startTestHub } from "./harness.ts";

/** A checkpoint store in memory, with the ETag rule of the Blob store. */
class MemoryStore implements CheckpointStore {
  readonly #ownerships = new Map<string, PartitionOwnership>();
  readonly #checkpoints = new Map<string, Checkpoint>();
  #version = 0;

  async listOwnership(): Promise<PartitionOwnership[]> {
    return [...this.#ownerships.values()];
  }

  async claimOwnership(wanted: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    return wanted.flatMap((ownership) => {
      const current = this.#ownerships.get(ownership.partitionId);
      if (current?.etag !== ownership.etag) {
        return [];
      }
      this.#version += 1;
      const claimed = { ...ownership, etag: String(this.#version), lastModifiedTimeInMs: Date.now() };
      this.#ownerships.set(ownership.partitionId, claimed);
      return [claimed];
    });
  }

  async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    this.#checkpoints.set(checkpoint.partitionId, checkpoint);
  }

  async listCheckpoints(): Promise<Checkpoint[]> {
    return [...this.#checkpoints.values()];
  }

  owners(): string[] {
    return [...this.#ownerships.values()].map(({ ownerId }) => ownerId);
  }
}

function balance(server: LocalHubServer, store: MemoryStore, identifier: string, seen: Map<string, number>) {
  const client = new EventHubConsumerClient("$Default", server.connectionString(), HUB, store, {
    identifier,
    loadBalancingOptions: {
      strategy: "greedy",
      updateIntervalInMs: 200,
      partitionOwnershipExpirationIntervalInMs: 60_000,
    },
    retryOptions: { maxRetries: 2, retryDelayInMs: 50 },
  });
  client.subscribe(
    {
      processEvents: async (events, context) => {
        for (const event of events) {
          seen.set(event.body, (seen.get(event.body) ?? 0) + 1);
        }
        const last = events.at(-1);
        if (last !== undefined) {
          await context.updateCheckpoint(last);
        }
      },
      // Lost partitions are what this test is about.
      processError: async () => {},
    },
    { startPosition: earliestEventPosition, maxBatchSize: 10, maxWaitTimeInSeconds: 1 },
  );
  onTestFinished(() => closeInTime(client));
  return client;
}

test("two consumers share the partitions, and each event is seen", async () => {
  const server = await startTestHub({ config: configOf(4) });
  const hub = server.hub(HUB);
  const store = new MemoryStore();
  const seen = new Map<string, number>();
  const fill = (round: number) => {
    for (const id of hub.partitionIds) {
      hub.append(id, bodiesOf(...[0, 1, 2].map((n) => JSON.stringify(`${round}/${id}/${n}`))));
    }
  };
  balance(server, store, "first", seen);
  fill(1);
  await eventually(() => seen.size === 12);
  expect(store.owners()).toEqual(["first", "first", "first", "first"]);
  const second = balance(server, store, "second", seen);
  await eventually(() => store.owners().filter((owner) => owner === "second").length === 2);
  fill(2);
  await eventually(() => seen.size === 24);
  await closeInTime(second);
  await eventually(() => store.owners().every((owner) => owner === "first"));
  fill(3);
  await eventually(() => seen.size === 36);
  expect(server.stats().receivers).toHaveLength(4);
});
