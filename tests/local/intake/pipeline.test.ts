import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { intakeFormat } from "../../../src/cli/intake-format.ts";
import { Alerts } from "../../../src/local/intake/alerts/alerts.ts";
import { Detection } from "../../../src/local/intake/alerts/detection.ts";
import { openCore } from "../../../src/local/intake/core.ts";
import { mintEventIds } from "../../../src/local/intake/event-ids.ts";
import type { Batch, Processed, WorkerEvents } from "../../../src/local/intake/pipeline/messages.ts";
import { Pipeline } from "../../../src/local/intake/pipeline/pipeline.ts";
import { Processor } from "../../../src/local/intake/pipeline/processor.ts";
import { ThreadedWorker } from "../../../src/local/intake/pipeline/threaded-worker.ts";
import { parseQuery } from "../../../src/local/intake/query/parse-query.ts";
import { EventStore } from "../../../src/local/intake/store.ts";
import { call } from "./helpers.ts";

const CLI = fileURLToPath(new URL("../../../bin/eventhub-intake.js", import.meta.url));
const NO_RULES = { rules: [] };
let folder: string;
let formatFolder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pipeline-test-"));
  formatFolder = join(folder, "format");
  writeFormat(5);
  mkdirSync(join(folder, "rules"));
  writeFileSync(
    join(folder, "rules", "rule.yml"),
    "title: Five\nid: five\nlevel: low\nlogsource: {category: any}\ndetection:\n  code: {event.code: '5'}\n  condition: code\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeFormat(code: number): void {
  mkdirSync(join(formatFolder, "ingest"), { recursive: true });
  writeFileSync(
    join(formatFolder, "ingest", "parser.yml"),
    `name: own\npipeline: [{ name: all }]\nstages: { all: { actions: [{ set: { event.code: ${code} } }] } }\n`,
  );
}

const eventsOf = (raws: readonly string[]) => raws.map((raw) => ({ intakeKey: "k", raw }));

/** A store whose worker is the test's: it hands batches out, and takes what the test makes of them. */
function openWith(depth = 2) {
  const store = new EventStore(":memory:");
  const alerts: Alerts = new Alerts({
    store,
    detection: NO_RULES,
    onRules: () => undefined,
    settled: () => pipeline.settled(),
  });
  const batches: Batch[] = [];
  let events: WorkerEvents | undefined;
  const pipeline: Pipeline = new Pipeline({
    store,
    alerts,
    workerOf(given) {
      events = given;
      return {
        depth,
        ready: Promise.resolve(),
        process: (batch) => batches.push(batch),
        reset: () => undefined,
        refreshRules: () => undefined,
        useFormat: () => undefined,
        close: async () => undefined,
      };
    },
  });
  const insert = (raws: readonly string[]) =>
    pipeline.insert(eventsOf(raws), mintEventIds(raws.length), Date.now());
  const answer = (result: Processed) => events?.onProcessed(result);
  const lose = () => events?.onLost("a test ended it");
  const close = async () => {
    await pipeline.close();
    await alerts.close();
    store.close();
  };
  return { store, pipeline, batches, insert, answer, lose, close };
}
const newProcessor = () => new Processor(undefined, new Detection(NO_RULES));

test("what was answered is there after a kill, is parsed and found then, and each event alerts once", async () => {
  const database = join(folder, "killed.db");
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      CLI,
      "intake",
      "--json",
      "--database",
      database,
      "--format",
      formatFolder,
      "--rules",
      join(folder, "rules"),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = once(child, "exit");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  let answered = 0;
  for (let batch = 0; batch < 10; batch++) {
    const jsons = Array.from({ length: 700 }, (_, n) => `event ${batch * 700 + n}`);
    const reply = await call("POST", `${url}/batch`, JSON.stringify({ intake_key: "k", jsons }));
    answered += (reply.body as { event_ids: string[] }).event_ids.length;
  }
  child.kill("SIGKILL");
  await ended;
  expect(answered).toBe(7000);
  const format = await intakeFormat(formatFolder, new PassThrough());
  const rules = [{ paths: [join(folder, "rules")], dialect: "standard" as const }];
  const core = openCore({ database, format, detection: { rules } });
  try {
    await core.pipeline.settled();
    expect(core.store.found({}).total).toBe(7000);
    expect(core.store.found({ query: parseQuery("event.code:5") }).total).toBe(7000);
    expect(core.alerts.stored.find({ limit: 10 })).toMatchObject([{ ruleId: "five", events: 7000 }]);
  } finally {
    await core.close();
  }
}, 120_000);

test("a thread that ended is started again, says so, and goes on with the events", async () => {
  let told = "";
  let lost = 0;
  const results: Processed[] = [];
  const worker = new ThreadedWorker(
    { folder: formatFolder, detection: NO_RULES },
    {
      onProcessed: (result) => results.push(result),
      onLost: (reason) => {
        told = reason;
        lost += 1;
      },
    },
  );
  const batch = { firstNumber: 1, receivedAtMs: [0], intakeKeys: ["k"], raws: ["x"], parsed: undefined };
  try {
    worker.process({ ...batch, intakeKeys: [null as unknown as string] });
    await expect.poll(() => lost, { timeout: 60_000 }).toBe(1);
    expect(told).not.toBe("");
    worker.process(batch);
    await expect.poll(() => results.length, { timeout: 60_000 }).toBe(1);
    expect(results[0]?.ecs).toEqual(['{"event":{"code":"5"}}']);
  } finally {
    await worker.close();
  }
}, 120_000);

test("an event at which the thread ends again and again is left unparsed, and the others go on", async () => {
  const { store, batches, insert, answer, lose, close } = openWith();
  const processor = newProcessor();
  insert(["a", "deadly", "b"]);
  // The thread ends on every batch that parses the second event.
  for (let turn = 0; turn < 20 && store.lastNumber < 3; turn++) {
    const batch = batches.shift();
    if (batch === undefined) {
      break;
    }
    if (batch.raws.includes("deadly") && batch.parsed === undefined) {
      processor.reset();
      batches.length = 0;
      lose();
    } else {
      answer(processor.process(batch));
    }
  }
  expect(store.lastNumber).toBe(3);
  expect(store.find({ query: parseQuery("deadly") })).toMatchObject([{ number: 2, ecs: null }]);
  await close();
});

test("requests wait while as many events as the intake holds wait to be parsed", async () => {
  const { pipeline, batches, insert, answer, close } = openWith(1);
  const processor = newProcessor();
  for (let batch = 0; batch < 21; batch++) {
    await pipeline.room();
    insert(Array.from({ length: 1000 }, (_, n) => `${batch}-${n}`));
  }
  let hasRoom = false;
  const room = pipeline.room().then(() => {
    hasRoom = true;
  });
  await new Promise(setImmediate);
  expect(hasRoom).toBe(false);
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    expect(batch.raws.length).toBeLessThanOrEqual(1000);
    answer(processor.process(batch));
  }
  await room;
  await close();
});

test("what was made of events is stored whole or not at all, and tried again", async () => {
  const { store, pipeline, batches, insert, answer, close } = openWith();
  const processor = newProcessor();
  store.database.exec(
    "CREATE TRIGGER full BEFORE UPDATE ON progress BEGIN SELECT RAISE(ABORT, 'no room'); END",
  );
  insert(["one", "two"]);
  const warned = once(process, "warning");
  answer(processor.process(batches.shift() as Batch));
  expect(String((await warned)[0])).toContain("no room");
  expect(store.lastNumber).toBe(0);
  expect(store.parsedUpTo).toBe(0);
  store.database.exec("DROP TRIGGER full");
  processor.reset();
  await expect.poll(() => batches.length, { timeout: 20_000 }).toBe(1);
  answer(processor.process(batches.shift() as Batch));
  await pipeline.settled();
  expect(store.found({ query: parseQuery("two") }).total).toBe(1);
  await close();
});

test("another format is used for the events that come after it was chosen", async () => {
  const format = await intakeFormat(formatFolder, new PassThrough());
  const core = openCore({ format });
  try {
    core.pipeline.insert(eventsOf(["before"]), mintEventIds(1), 1000);
    await core.pipeline.settled();
    writeFormat(6);
    const changed = await intakeFormat(formatFolder, new PassThrough());
    core.pipeline.useFormat(changed.folder);
    core.pipeline.insert(eventsOf(["after"]), mintEventIds(1), 2000);
    await core.pipeline.settled();
    const codes = core.store.find({}).map(({ ecs }) => ecs);
    expect(codes).toEqual([
      '{"event":{"code":"6"},"message":"after"}',
      '{"event":{"code":"5"},"message":"before"}',
    ]);
  } finally {
    writeFormat(5);
    await core.close();
  }
}, 60_000);
