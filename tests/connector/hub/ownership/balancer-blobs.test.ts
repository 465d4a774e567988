import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { BlobOwnership } from "../../../../src/connector/checkpoint/ownership-records.ts";
import type { OwnershipStore } from "../../../../src/connector/contract.ts";
import { Balancer } from "../../../../src/connector/hub/ownership/balancer.ts";
import { systemClock } from "../../../../src/kernel/clock.ts";
import { silentLogger } from "../../../../src/kernel/log.ts";
import { type LocalStorage, startStorage } from "../../../../src/local/storage/azurite.ts";
import { eventually } from "../../../support/eventually.ts";

/** The same as with the store in memory, by the real store and its real ETags. */

const PARTITIONS = ["0", "1", "2", "3"];
const NAMES = { namespace: "localhost", hubName: "hub1", consumerGroup: "cg1" };
let storage: LocalStorage;
let containers = 0;

beforeAll(async () => {
  storage = await startStorage();
});

afterAll(async () => {
  await storage?.close();
});

async function createStore() {
  const container = new ContainerClient(storage.connectionString, `balancer${++containers}`);
  await container.create();
  /** What the service's own clients use. */
  const sdk = new BlobCheckpointStore(container);
  const records = () => sdk.listOwnership(NAMES.namespace, NAMES.hubName, NAMES.consumerGroup);
  return {
    store: new BlobOwnership(NAMES, { container, clock: systemClock, logger: silentLogger }),
    records,
    owners: async () => (await records()).map(({ ownerId }) => ownerId).sort(),
    /** Another consumer's claim. */
    async steal(partitionId: string, ownerId: string) {
      const record = (await records()).find((each) => each.partitionId === partitionId);
      await sdk.claimOwnership(record === undefined ? [] : [{ ...record, ownerId }]);
    },
  };
}

function join(store: OwnershipStore, ownerId: string, expiryMs = 60_000) {
  const events: string[] = [];
  const balancer = new Balancer(
    { ownerId, updateMs: 100, expiryMs },
    {
      store,
      clock: systemClock,
      random: () => 0.5,
      logger: silentLogger,
      claimed: (partitionId) => void events.push(`claimed ${partitionId}`),
      lost: (partitionId) => void events.push(`lost ${partitionId}`),
      recordLost: (partitionId) => void events.push(`record lost ${partitionId}`),
      hasReadMore: () => false,
    },
  );
  balancer.start(PARTITIONS);
  onTestFinished(() => balancer.release());
  return { balancer, events, owned: () => PARTITIONS.filter((partitionId) => balancer.owns(partitionId)) };
}

test("claims, renewals and what is given back are blobs that other clients understand", async () => {
  const { store, records, owners } = await createStore();
  const { balancer, events, owned } = join(store, "me");
  await eventually(() => owned().length === 4);
  expect(events.sort()).toEqual(["claimed 0", "claimed 1", "claimed 2", "claimed 3"]);
  const etags = async () => (await records()).map(({ etag }) => etag);
  const before = await etags();
  await expect
    .poll(async () => (await etags()).some((etag) => before.includes(etag)), { timeout: 10_000 })
    .toBe(false);
  expect(await owners()).toEqual(["me", "me", "me", "me"]);
  await balancer.release();
  expect(await owners()).toEqual(["", "", "", ""]);
  expect(events).toHaveLength(4);
});

test("what another has claimed is lost, and stays the other's", async () => {
  const { store, owners, steal } = await createStore();
  const { events, owned } = join(store, "me");
  await eventually(() => owned().length === 4);
  // Between two looks of ours, the record may be renewed meanwhile: the claim is tried until it holds.
  await expect
    .poll(
      async () => {
        await steal("1", "other");
        return (await owners()).includes("other");
      },
      { timeout: 10_000 },
    )
    .toBe(true);
  await eventually(() => events.includes("lost 1"));
  expect(owned()).toEqual(["0", "2", "3"]);
  expect(await owners()).toEqual(["me", "me", "me", "other"]);
});

test("two that start together share without a fault, and the partitions of one that is gone are taken once expired", async () => {
  const { store, owners } = await createStore();
  let isGone = false;
  // It gives nothing back: to the store it is a process that was killed.
  const goneStore: OwnershipStore = {
    list: () => store.list(),
    claim: async (record) => !isGone && store.claim(record),
  };
  const [gone, stays] = [join(goneStore, "gone", 2500), join(store, "stays", 2500)];
  await eventually(() => gone.owned().length === 2 && stays.owned().length === 2);
  isGone = true;
  await eventually(() => stays.owned().length === 4);
  expect(await owners()).toEqual(["stays", "stays", "stays", "stays"]);
  expect(gone.owned()).toEqual([]);
});
