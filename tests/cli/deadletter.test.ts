import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerDeadLetter } from "../../src/cli/deadletter.ts";
import type { DeadLetterBlob } from "../../src/connector/deadletter/reader.ts";
import { BlobDeadLetters, type DeadLetterLine } from "../../src/connector/deadletter/store.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/log.ts";
import { NO_PROXIES } from "../../src/kernel/proxy.ts";
import { type LocalStorage, startStorage } from "../../src/local/storage/azurite.ts";
import { type FaultyIntake, startIntake } from "../support/intake-faults.ts";
import { runCommand } from "./run.ts";

let storage: LocalStorage;
let intake: FaultyIntake;
let folder: string;
let config: string;

beforeAll(async () => {
  storage = await startStorage();
  intake = await startIntake();
  folder = mkdtempSync(join(tmpdir(), "deadletter-"));
  config = join(folder, "settings.json");
  const settings = {
    hub_connection_string:
      "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=a2V5;UseDevelopmentEmulator=true;",
    hub_name: "logs",
    storage_connection_string: storage.connectionString,
    storage_container_name: "letters",
    intake_key: "a-key-of-the-intake",
    intake_server: intake.url,
  };
  writeFileSync(config, JSON.stringify(settings));
  await new ContainerClient(storage.connectionString, "letters").create();
});

afterAll(async () => {
  await intake?.close();
  await storage?.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  runCommand(registerDeadLetter, ["deadletter", ...args, "--config", config]);

const listBlobs = async () => JSON.parse(await run("list", "--json")) as DeadLetterBlob[];
/** The encoding and the length of each letter of a blob. */
const show = async (name = "") =>
  (await run("show", name))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as DeadLetterLine)
    .map(({ encoding, data }) => [encoding, data.length]);

const openLetters = () =>
  new BlobDeadLetters(
    {
      storage: {
        access: { kind: "key", connectionString: storage.connectionString },
        containerName: "letters",
        proxies: NO_PROXIES,
      },
      hubName: "logs",
      consumerGroup: "sekoiaio",
    },
    { clock: systemClock, random: Math.random, logger: silentLogger },
  );
const letter = (sequenceNumber: number, bytes: Buffer) => ({
  partitionId: "3",
  sequenceNumber,
  recordIndex: 0,
  bytes,
  reason: "INTAKE_REFUSED" as const,
  detail: "refused",
});

test("dead letters are listed, shown, and replayed once; those that no intake takes stay", async () => {
  expect(await run("list")).toBe("no dead letters\n");
  const letters = openLetters();
  const huge = Buffer.alloc(5_000_000, "x");
  const stored = [letter(1, Buffer.from("é text")), letter(2, Buffer.from([0xff])), letter(3, huge)];
  await letters.store(stored, new AbortController().signal);

  const listed = await listBlobs();
  // The letter over 4 MiB has a blob of its own; its name sorts before that of the day's.
  const [large, daily] = listed;
  expect(listed).toHaveLength(2);
  expect(large?.name).toMatch(/^dead-letter\/logs\/sekoiaio\/3\/\d{4}-\d\d-\d\d\.[\da-f-]{36}\.jsonl$/);
  expect(daily?.name).toMatch(/^dead-letter\/logs\/sekoiaio\/3\/\d{4}-\d\d-\d\d\.jsonl$/);
  expect(await show(large?.name)).toEqual([["utf8", 5_000_000]]);
  expect(await show(daily?.name)).toEqual([
    ["utf8", 6],
    ["base64", 4],
  ]);

  expect(await run("replay")).toBe("1 forwarded, 2 set aside again\n");
  expect(intake.events().map((event) => event.raw)).toEqual(["é text"]);
  // What was refused again stands behind what was replayed, and waits for the next replay.
  const after = await listBlobs();
  expect(after).toHaveLength(3);
  for (const before of listed) {
    expect(after.find(({ name }) => name === before.name)?.replayedBytes).toBe(before.bytes);
  }
  const waiting = after.filter(({ bytes, replayedBytes }) => replayedBytes < bytes);
  expect(waiting).toHaveLength(2);
  expect(waiting[0]?.bytes).toBeGreaterThan(5_000_000);
  expect(waiting[0]?.replayedBytes).toBe(0);
  expect(waiting[1]?.name).toBe(daily?.name);
});

test("a letter for which the intake answers 400 is set aside again, and holds no replay", async () => {
  const letters = openLetters();
  const stored = [letter(4, Buffer.from("poison")), letter(5, Buffer.from("fine"))];
  await letters.store(stored, new AbortController().signal);
  intake.faults.refuse((body) => (body.includes("poison") ? 400 : undefined));
  expect(await run("replay")).toBe("1 forwarded, 3 set aside again\n");
  expect(await run("replay")).toBe("0 forwarded, 3 set aside again\n");
  expect(
    intake
      .events()
      .map((event) => event.raw)
      .toSorted(),
  ).toEqual(["fine", "é text"]);
  intake.faults.refuse(undefined);
});

test.each([
  {
    name: "a blob that is not there",
    args: ["show", "none"],
    more: {},
    code: 2,
    told: "there is no blob none",
  },
  {
    name: "a container name that is none",
    args: ["list"],
    more: { storage_container_name: "c1" },
    code: 1,
    told: "check storage_container_name",
  },
])("$name ends the command with one line and exit code $code", async ({ args, more, code, told }) => {
  const exitCode = process.exitCode;
  const errors: string[] = [];
  const file = join(folder, "wrong.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), ...more }));
  try {
    await runCommand(registerDeadLetter, ["deadletter", ...args, "--config", file], "", errors);
    expect(process.exitCode).toBe(code);
  } finally {
    process.exitCode = exitCode;
  }
  const entries = errors.join("").trimEnd().split("\n");
  expect(entries).toHaveLength(1);
  expect(JSON.parse(entries[0] ?? "").message).toContain(told);
  expect(errors.join("")).not.toContain("stack");
});
