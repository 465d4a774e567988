import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BlobOwnership } from "../../../src/connector/checkpoint/ownership-records.ts";
import { type LocalStorage, startStorage } from "../../../src/local/storage/azurite.ts";

const NAMES = { namespace: "name.space", hubName: "hub", consumerGroup: "group" };

let storage: LocalStorage;
let containers = 0;

beforeAll(async () => {
  storage = await startStorage();
});
afterAll(() => storage?.close());

async function open(skewMs = 0) {
  const container = new ContainerClient(storage.connectionString, `ownership${++containers}`);
  await container.create();
  const lines: string[] = [];
  const clock = { now: () => Date.now() + skewMs, after: () => () => undefined };
  const logger = { log: (level: string, message: string) => void lines.push(`${level}: ${message}`) };
  return { container, lines, ownership: new BlobOwnership(NAMES, { container, clock, logger }) };
}

test("a claim holds if the record is as it was read, and makes one only where there is none", async () => {
  const { ownership } = await open();
  expect(await ownership.claim({ partitionId: "0", ownerId: "me", etag: undefined })).toBe(true);
  expect(await ownership.claim({ partitionId: "0", ownerId: "other", etag: undefined })).toBe(false);
  const [record] = (await ownership.list()).records;
  expect(record).toMatchObject({ partitionId: "0", ownerId: "me" });
  expect(await ownership.claim({ partitionId: "0", ownerId: "other", etag: record?.etag })).toBe(true);
  expect(await ownership.claim({ partitionId: "0", ownerId: "me", etag: record?.etag })).toBe(false);
});

test("the times are the store's, whatever this machine's clock says; a difference of more than 30 s is reported with its size, once", async () => {
  for (const { skewMs, told } of [
    {
      skewMs: 300_000,
      told: /^warning: this machine's clock is (299|300|301) s ahead of the storage account's/,
    },
    {
      skewMs: -3_600_000,
      told: /^warning: this machine's clock is (3599|3600|3601) s behind the storage account's/,
    },
    { skewMs: 20_000, told: undefined },
  ]) {
    const { ownership, lines } = await open(skewMs);
    await ownership.claim({ partitionId: "0", ownerId: "me", etag: undefined });
    const { records, nowMs } = await ownership.list();
    await ownership.list();
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(10_000);
    expect(Math.abs((records[0]?.modifiedAtMs ?? 0) - nowMs)).toBeLessThan(10_000);
    expect(lines).toHaveLength(told === undefined ? 0 : 1);
    if (told !== undefined) {
      expect(lines[0]).toMatch(told);
    }
  }
});

test("a container that was deleted is made again, and knows no records", async () => {
  const { container, ownership, lines } = await open();
  await ownership.claim({ partitionId: "0", ownerId: "me", etag: undefined });
  await container.delete();
  expect((await ownership.list()).records).toEqual([]);
  expect(lines).toEqual([expect.stringContaining("was deleted; recreating it")]);
  await container.delete();
  expect(await ownership.claim({ partitionId: "0", ownerId: "me", etag: undefined })).toBe(true);
});

test.each([
  { name: "with the whole container", remove: (container: ContainerClient) => container.delete() },
  {
    name: "alone",
    remove: (container: ContainerClient) => container.deleteBlob("name.space/hub/group/ownership/0"),
  },
])(
  "a renewal of a record that was deleted $name is not a refusal: nobody has taken the partition",
  async ({ remove }) => {
    const { container, ownership } = await open();
    await ownership.claim({ partitionId: "0", ownerId: "me", etag: undefined });
    const [record] = (await ownership.list()).records;
    await remove(container);
    await expect(ownership.claim({ partitionId: "0", ownerId: "me", etag: record?.etag })).rejects.toThrow(
      /the ownership record of partition 0 was deleted/,
    );
    expect((await ownership.list()).records).toEqual([]);
  },
);
