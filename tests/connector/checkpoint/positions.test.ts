import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BlobPositions } from "../../../src/connector/checkpoint/positions.ts";
import type { Position } from "../../../src/connector/contract.ts";
import { type LocalStorage, startStorage } from "../../../src/local/storage/azurite.ts";

const NAMES = { namespace: "Name.Space", hubName: "Hub", consumerGroup: "Group" };
const PREFIX = "name.space/hub/group/checkpoint/";
const CREATED_MS = 1_700_000_000_000;
const at = (sequenceNumber: number): Position => ({ offset: `o${sequenceNumber}`, sequenceNumber });

let storage: LocalStorage;
let containers = 0;

beforeAll(async () => {
  storage = await startStorage();
});
afterAll(() => storage?.close());

async function createContainer() {
  const container = new ContainerClient(storage.connectionString, `positions${++containers}`);
  await container.create();
  const lines: string[] = [];
  const open = () =>
    new BlobPositions(NAMES, {
      container,
      logger: { log: (level, message) => void lines.push(`${level}: ${message}`) },
    });
  const stored = async (partitionId = "0") =>
    (await container.getBlobClient(PREFIX + partitionId).getProperties()).metadata;
  return { container, lines, open, stored };
}

test("a position is a blob that the service's own clients read, and theirs are read by us", async () => {
  const { container, open } = await createContainer();
  const positions = open();
  expect(await positions.read("0")).toBeUndefined();
  positions.begin("0", CREATED_MS, true);
  await positions.write("0", at(7));
  const sdk = new BlobCheckpointStore(container);
  const [found] = await sdk.listCheckpoints("name.space", "hub", "group");
  expect(found).toMatchObject({ partitionId: "0", offset: "o7", sequenceNumber: 7 });
  const place = { fullyQualifiedNamespace: "name.space", eventHubName: "hub", consumerGroup: "group" };
  await sdk.updateCheckpoint({ ...place, partitionId: "1", offset: "77", sequenceNumber: 70 });
  expect(await open().read("1")).toMatchObject({
    offset: "77",
    sequenceNumber: 70,
    hubCreatedAtMs: undefined,
  });
  const read = await open().read("0");
  expect(read).toMatchObject({ ...at(7), hubCreatedAtMs: CREATED_MS });
  expect(Math.abs((read?.storedAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
});

test("a process that lost the partition puts no lower position in the place of its next reader's", async () => {
  const { open, stored } = await createContainer();
  const [old, next] = [open(), open()];
  await old.write("0", at(10));
  await next.read("0");
  await next.write("0", at(30));
  // Late writes of the old reader: lower, and then one that is further anyway.
  await old.write("0", at(20));
  expect(await stored()).toMatchObject({ sequencenumber: "30" });
  await old.write("0", at(40));
  expect(await stored()).toMatchObject({ sequencenumber: "40", offset: "o40" });
  await next.write("0", at(35));
  expect(await stored()).toMatchObject({ sequencenumber: "40" });
});

test("many writers at once never take a position back", async () => {
  const { open, stored } = await createContainer();
  const seen: number[] = [];
  const writers = [open(), open(), open()].map(async (positions, index) => {
    for (let number = index; number < 60; number += 3) {
      // One that loses four times in a row is repeated with the next checkpoint.
      await positions.write("0", at(number)).catch(() => undefined);
      seen.push(Number((await stored())?.["sequencenumber"]));
    }
  });
  await Promise.all(writers);
  expect(seen.length).toBe(60);
  await open().write("0", at(60));
  expect(await stored()).toMatchObject({ sequencenumber: "60" });
});

test("a position that the hub does not know gives way to a lower one, once", async () => {
  const { open, stored } = await createContainer();
  await open().write("0", at(5000));
  const positions = open();
  await positions.read("0");
  positions.begin("0", CREATED_MS, false);
  await positions.write("0", at(3));
  expect(await stored()).toMatchObject({ sequencenumber: "3", hubcreated: String(CREATED_MS) });
  await positions.write("0", at(2));
  expect(await stored()).toMatchObject({ sequencenumber: "3" });
});

test("a position of a hub that was deleted does not hold up the numbers of the new one", async () => {
  const { open, stored } = await createContainer();
  const before = open();
  before.begin("0", CREATED_MS, true);
  await before.write("0", at(5000));
  const after = open();
  after.begin("0", CREATED_MS + 60_000, true);
  await after.write("0", at(3));
  expect(await stored()).toMatchObject({ sequencenumber: "3" });
});

test("a blob that was deleted, alone or with its container, is rewritten", async () => {
  const { container, open, stored, lines } = await createContainer();
  const positions = open();
  await positions.write("0", at(1));
  await container.deleteBlob(`${PREFIX}0`);
  await positions.write("0", at(2));
  expect(await stored()).toMatchObject({ sequencenumber: "2" });
  await container.delete();
  await positions.write("0", at(3));
  expect(await stored()).toMatchObject({ sequencenumber: "3" });
  expect(lines).toEqual([expect.stringContaining("was deleted; recreating it")]);
});

test.each([
  { name: "no number", metadata: { offset: "1", sequencenumber: "many" }, sequenceNumber: undefined },
  { name: "no offset", metadata: { sequencenumber: "1" }, sequenceNumber: undefined },
  { name: "the offset None", metadata: { offset: "None", sequencenumber: "1" }, sequenceNumber: undefined },
  { name: "keys in another case", metadata: { Offset: "9", SequenceNumber: "8" }, sequenceNumber: 8 },
  { name: "before the first event", metadata: { offset: "-1", sequencenumber: "-1" }, sequenceNumber: -1 },
])("a blob with $name", async ({ metadata, sequenceNumber }) => {
  const { container, open, lines } = await createContainer();
  await container
    .getBlockBlobClient(`${PREFIX}0`)
    .upload("", 0, { metadata: metadata as Record<string, string> });
  const positions = open();
  expect((await positions.read("0"))?.sequenceNumber).toBe(sequenceNumber);
  expect(lines).toHaveLength(sequenceNumber === undefined ? 1 : 0);
  await positions.write("0", at(20));
  expect((await open().read("0"))?.sequenceNumber).toBe(20);
});
