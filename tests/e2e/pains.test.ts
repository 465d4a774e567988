import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type LocalStorage, startStorage } from "../../src/local/storage/azurite.ts";
import { type FaultyHub, startHub } from "../support/hub-faults.ts";
import { type FaultyIntake, startIntake } from "../support/intake-faults.ts";
import { GROUP, startTrigger as startTriggerOn } from "./support/trigger.ts";

/** Names after the complaints of users of other collectors; each is one that must not come true here. */

let hub: FaultyHub;
let storage: LocalStorage;
let intake: FaultyIntake;
let hubName: string;
const hubNames = Array.from({ length: 24 }, (_, index) => `hub${index}`);
const unused = [...hubNames];

beforeAll(async () => {
  const Entities = hubNames.map((Name) => ({ Name, PartitionCount: "1", ConsumerGroups: [{ Name: GROUP }] }));
  hub = await startHub({ config: { UserConfig: { NamespaceConfig: [{ Entities }] } }, port: 0 });
  storage = await startStorage();
});

beforeEach(async () => {
  await intake?.close();
  intake = await startIntake();
  hubName = unused.shift() ?? "";
});

afterAll(async () => {
  await intake?.close();
  await hub?.close();
  await storage?.close();
});

const startTrigger = (more: Record<string, unknown> = {}) =>
  startTriggerOn({ hub, storage, intake }, hubName, more);

const append = (...bodies: (string | Buffer)[]) =>
  hub.hub(hubName).append(
    "0",
    bodies.map((body) => Buffer.from(body)),
  );
const raws = () =>
  intake
    .events({ limit: 10_000 })
    .map((event) => event.raw)
    .sort();
const expectSoon = (read: () => unknown) => expect.poll(read, { timeout: 60_000, interval: 20 });

async function blobs(prefix: string) {
  const container = new ContainerClient(storage.connectionString, hubName);
  const found: { name: string; metadata: Record<string, string>; text: string }[] = [];
  for await (const blob of container.listBlobsFlat({ prefix, includeMetadata: true })) {
    const text = (await container.getBlobClient(blob.name).downloadToBuffer()).toString();
    found.push({ name: blob.name, metadata: blob.metadata ?? {}, text });
  }
  return found;
}
const checkpoint = async () =>
  (await blobs(`localhost:${hub.port}/${hubName}/${GROUP}/checkpoint/`))[0]?.metadata;

test("loss: without a checkpoint the backlog is read, not skipped, and the log says so", async () => {
  append("before the first start");
  const trigger = startTrigger();
  await expectSoon(raws).toEqual(["before the first start"]);
  await trigger.stop();
  expect(trigger.lines.map((line) => line.message)).toContain(
    "partition 0 is read without a checkpoint, from the earliest event (start_position)",
  );
});

test("loss: while the intake is down nothing is dropped and no checkpoint is written", async () => {
  intake.faults.answer(503, Number.POSITIVE_INFINITY);
  append("a", "b");
  const trigger = startTrigger();
  await expectSoon(() => trigger.lines.some((line) => line.message.includes("HTTP 503"))).toBe(true);
  expect(await checkpoint()).toBeUndefined();
  intake.faults.clear();
  await expectSoon(raws).toEqual(["a", "b"]);
  await trigger.stop();
  expect((await checkpoint())?.["sequencenumber"]).toBe("1");
});

test("loss: stopped while the intake is down, the events come with the next start", async () => {
  await intake.faults.down();
  append("kept by the hub");
  const first = startTrigger();
  await expectSoon(() => first.lines.some((line) => line.message.includes("cannot be reached"))).toBe(true);
  await first.stop();
  expect(await checkpoint()).toBeUndefined();
  await intake.faults.up();
  const second = startTrigger();
  await expectSoon(raws).toEqual(["kept by the hub"]);
  await second.stop();
});

test("loss: a wrong intake key is reported as an error, and the position is kept", async () => {
  intake.faults.answer(401, 1, "0");
  append("not lost");
  const trigger = startTrigger();
  await expectSoon(() =>
    trigger.lines.filter((line) => line.level === "error").map((line) => line.message),
  ).toEqual(["the intake answered HTTP 401: check intake_key; nothing is lost, the hub keeps the events"]);
  expect(await checkpoint()).toBeUndefined();
  await trigger.stop();
  expect(raws()).toEqual([]);
});

test("loss: an oversize event is set aside with its bytes, and its neighbours are delivered", async () => {
  const oversize = `{"big":"${"x".repeat(260_000)}"}`;
  append(`{"records":[{"a":1},${oversize},{"b":2}]}`);
  const trigger = startTrigger();
  await expectSoon(raws).toEqual(['{"a":1}', '{"b":2}']);
  await trigger.stop();
  const [blob] = await blobs(`dead-letter/${hubName}/${GROUP}/0/`);
  expect(JSON.parse(blob?.text ?? "{}")).toMatchObject({
    partition: "0",
    sequence_number: 0,
    record_index: 1,
    reason: "EVENT_TOO_LARGE",
    encoding: "utf8",
    data: oversize,
  });
  expect((await checkpoint())?.["sequencenumber"]).toBe("0");
});

test("loss: an event that the intake refuses is set aside, the rest of its chunk is accepted", async () => {
  intake.faults.reject((raw) => (raw === "bad" ? "unwanted" : undefined));
  append("good", "bad", "fine");
  const trigger = startTrigger();
  await expectSoon(raws).toEqual(["fine", "good"]);
  await trigger.stop();
  const [blob] = await blobs("dead-letter/");
  expect(JSON.parse(blob?.text ?? "{}")).toMatchObject({
    reason: "INTAKE_REFUSED",
    data: "bad",
    sequence_number: 1,
  });
});

test("loss: 413 splits the chunk until each event stands alone", async () => {
  intake.faults.refuse((body) => (body.includes('"a"') ? 413 : undefined));
  append("a", "b", "c", "d");
  const trigger = startTrigger();
  await expectSoon(async () => raws().length + (await blobs("dead-letter/")).length).toBe(4);
  await trigger.stop();
  expect(raws()).toEqual(["b", "c", "d"]);
});

test("poison: an event for which the intake answers 400 does not hold its partition", async () => {
  intake.faults.refuse((body) => (body.includes("poison") ? 400 : undefined));
  const before = Array.from({ length: 40 }, (_, index) => `before ${index}`);
  const after = Array.from({ length: 60 }, (_, index) => `after ${index}`);
  append(...before, "poison", ...after);
  const trigger = startTrigger({ chunk_size: 30 });
  // The last chunk waits a second for company, and so is accepted after the 400: that proves the key.
  await expectSoon(raws).toEqual([...before, ...after].sort());
  let more = 0;
  const trickle = async () => {
    append(`more ${more++}`);
    return (await blobs("dead-letter/")).length;
  };
  await expectSoon(trickle).toBe(1);
  await expectSoon(async () => (await checkpoint())?.["sequencenumber"]).toBe(String(100 + more));
  await trigger.stop();
  expect(raws()).toEqual(
    [...before, ...after, ...Array.from({ length: more }, (_, i) => `more ${i}`)].sort(),
  );
  const letters = (await blobs("dead-letter/")).flatMap((blob) => blob.text.trim().split("\n"));
  expect(letters.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({
      partition: "0",
      sequence_number: 40,
      reason: "INTAKE_REFUSED",
      detail: "the intake answered HTTP 400, while it took other events with the same key",
      data: "poison",
    }),
  ]);
  expect(trigger.lines.filter((line) => line.level === "critical")).toEqual([]);
});

test("duplicates: a lost answer is the only reason to send an event twice", async () => {
  intake.faults.cut("after", 1);
  append("once or twice");
  const trigger = startTrigger();
  await expectSoon(async () => (await checkpoint())?.["sequencenumber"]).toBe("0");
  await trigger.stop();
  expect(raws()).toEqual(["once or twice", "once or twice"]);
});

test("ownership: at the stop the partitions are given back, so that no one waits for them", async () => {
  append("x");
  const trigger = startTrigger();
  await expectSoon(raws).toEqual(["x"]);
  await trigger.stop();
  const [owner] = await blobs(`localhost:${hub.port}/${hubName}/${GROUP}/ownership/`);
  expect(owner?.metadata).toEqual({ ownerid: "" });
});

test("takeover: the checkpoints that the incumbent left in the container are gone on from", async () => {
  append("read by the incumbent", "also", "and this");
  const first = startTrigger();
  await expectSoon(raws).toHaveLength(3);
  await first.stop();
  const metadata = await checkpoint();
  // The layout of every SDK: lower-case path, an empty blob, metadata of texts; some write the keys in capitals.
  const container = new ContainerClient(storage.connectionString, hubName);
  const blob = container.getBlockBlobClient(`localhost:${hub.port}/${hubName}/${GROUP}/checkpoint/0`);
  await blob.deleteIfExists();
  await blob.upload("", 0, {
    metadata: { Offset: metadata?.["offset"] ?? "", SequenceNumber: metadata?.["sequencenumber"] ?? "" },
  });
  append("after the takeover");
  const again = startTrigger();
  await expectSoon(raws).toHaveLength(4);
  await again.stop();
  expect(raws()).toContain("after the takeover");
  expect(again.lines.map((line) => line.message)).toContain(
    "partition 0 is read after its checkpoint, sequence number 2",
  );
});

test("storage: a container that is deleted under way is made again, with positions and dead letters", async () => {
  append("before");
  const trigger = startTrigger();
  await expectSoon(async () => (await checkpoint())?.["sequencenumber"]).toBe("0");
  await new ContainerClient(storage.connectionString, hubName).delete();
  append("after", Buffer.from([0xff]));
  await expectSoon(async () => (await checkpoint().catch(() => undefined))?.["sequencenumber"]).toBe("2");
  await trigger.stop();
  expect(raws()).toEqual(["after", "before"]);
  expect(await blobs("dead-letter/")).toHaveLength(1);
});

test("poison: no message stops a partition, changes another or vanishes, and what can be repaired is", async () => {
  const id = randomUUID();
  append(
    "{'single':'quotes'}",
    '{"raw":"new\nline"}',
    '{"trailing":1,}',
    gzipSync('{"records":[{"packed":1}]}'),
    gzipSync("damaged damaged damaged").subarray(0, 20),
    Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    '{"records":null}',
    '[null,"text",5]',
    '{"type":"heartbeat"}',
    "",
    `\uFEFF{"last":"${id}"}`,
  );
  const trigger = startTrigger();
  await expectSoon(() => raws().includes(`{"last":"${id}"}`)).toBe(true);
  await expectSoon(async () => (await checkpoint())?.["sequencenumber"]).toBe("10");
  await trigger.stop();
  expect(raws()).toEqual(
    [
      '{"single":"quotes"}',
      '{"raw":"new\\nline"}',
      '{"trailing":1}',
      '{"packed":1}',
      '{"records":null}',
      '"text"',
      "5",
      `{"last":"${id}"}`,
    ].sort(),
  );
  const letters = (await blobs("dead-letter/")).flatMap((blob) => blob.text.trim().split("\n"));
  expect(letters.map((line) => (JSON.parse(line) as { reason: string }).reason).sort()).toEqual([
    "BODY_UNREADABLE",
    "EVENT_NOT_UTF8",
  ]);
});

test("accounts: every record of every kind is in the ledger, and the sum is what was received", async () => {
  intake.faults.reject((raw) => (raw.includes("refused") ? "unwanted" : undefined));
  append(
    '{"records":[{"category":"A","n":1},{"category":"B"},{"category":"A","n":"refused"}]}',
    '{"type":"heartbeat"}',
    "{'category':'A'}",
    Buffer.from([0x7b, 0xff]),
    "text",
  );
  const trigger = startTrigger({ categories: ["A", "C"] });
  await expectSoon(async () => (await checkpoint())?.["sequencenumber"]).toBe("4");
  await trigger.stop();
  const report = trigger.ledger();
  expect(report.partitions).toEqual([
    expect.objectContaining({
      partition: "0",
      received: 7,
      forwarded: 3,
      filtered: 1,
      heartbeats: 1,
      deadLettered: 2,
      pending: 0,
      imbalance: 0,
      gapEvents: 0,
    }),
  ]);
  expect(report.categories).toEqual([
    { category: "A", records: 3 },
    { category: "B", records: 1 },
  ]);
  expect(report.repaired).toEqual([{ kind: "single-quotes", category: "A", messages: 1 }]);
});

test("the category filter drops what has another category or none", async () => {
  append('{"records":[{"category":"AuditLogs"},{"category":"Devices"},{"n":1}]}', "text");
  const trigger = startTrigger({ categories: ["AuditLogs"] });
  await expectSoon(raws).toEqual(["text", '{"category":"AuditLogs"}']);
  await expectSoon(async () => (await checkpoint())?.["sequencenumber"]).toBe("1");
  await trigger.stop();
});
