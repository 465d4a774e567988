import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DeadLetterReader } from "../../../src/connector/deadletter/reader.ts";
import { BlobDeadLetters, type DeadLetterSettings } from "../../../src/connector/deadletter/store.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/log.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import { type LocalStorage, startStorage } from "../../../src/local/storage/azurite.ts";

let storage: LocalStorage;

beforeAll(async () => {
  storage = await startStorage();
  await new ContainerClient(storage.connectionString, "letters").create();
});
afterAll(() => storage?.close());

function settingsOf(containerName: string, connectionString = storage.connectionString): DeadLetterSettings {
  return {
    storage: { access: { kind: "key", connectionString }, containerName, proxies: NO_PROXIES },
    hubName: "logs",
    consumerGroup: "readers",
  };
}

test("a blob larger than a segment is read in whole lines, and a line larger than one as a whole", async () => {
  const settings = settingsOf("letters");
  const letters = ["é".repeat(300), "a", "b".repeat(5000), "c", "d".repeat(4000)].map((text, index) => ({
    partitionId: "1",
    sequenceNumber: index,
    recordIndex: 0,
    bytes: Buffer.from(text),
    reason: "INTAKE_REFUSED" as const,
    detail: "refused",
  }));
  await new BlobDeadLetters(settings, {
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  }).store(letters, new AbortController().signal);
  const reader = new DeadLetterReader(settings, 1000);
  const [blob] = await reader.list();
  if (blob === undefined) {
    throw new Error("no blob was listed");
  }

  const ends: number[] = [];
  const texts: string[] = [];
  for await (const { lines, endByte } of reader.read(blob.name, 0, blob.bytes)) {
    ends.push(endByte);
    texts.push(...lines.map(({ data }) => data));
  }
  expect(texts).toEqual(letters.map(({ bytes }) => bytes.toString()));
  expect(ends.length).toBeGreaterThan(2);
  expect(ends.at(-1)).toBe(blob.bytes);

  // A replay that broke off goes on behind the segment that it marked last.
  await reader.markReplayed(blob.name, ends[0] ?? 0);
  const [marked] = await reader.list();
  const rest: number[] = [];
  for await (const { lines } of reader.read(blob.name, marked?.replayedBytes ?? 0, blob.bytes)) {
    rest.push(...lines.map((line) => line.sequence_number));
  }
  expect(rest).toEqual([0, 1, 2, 3, 4].slice(5 - rest.length));
  expect(rest.length).toBeGreaterThan(0);
});

test("a container that is not there holds no dead letters", async () => {
  expect(await new DeadLetterReader(settingsOf("missing")).list()).toEqual([]);
});

test.each([
  {
    name: "a wrong key",
    settings: () =>
      settingsOf("letters", storage.connectionString.replace(/AccountKey=[^;]+/, "AccountKey=d3Jvbmc=")),
    told: /refuses access to the dead letters.*check its key/,
  },
  {
    name: "an invalid name",
    settings: () => settingsOf("c1"),
    told: /could not be read from the storage account \(OutOfRangeInput\); check storage_container_name/,
  },
])("$name is reported in one line", async ({ settings, told }) => {
  const listed = new DeadLetterReader(settings()).list();
  await expect(listed).rejects.toMatchObject({
    code: "STORAGE_REFUSED",
    message: expect.stringMatching(told),
  });
  await expect(listed).rejects.not.toThrow(/\n|d3Jvbmc/);
});

test("an invalid connection string is reported without quoting it", () => {
  expect(() => new DeadLetterReader(settingsOf("letters", "AccountKey=secret"))).toThrow(
    /^storage_connection_string is not a connection string; copy it/,
  );
});
