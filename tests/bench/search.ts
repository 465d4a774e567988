import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { intakeFormat } from "../../src/cli/intake-format.ts";
import { openCore } from "../../src/local/intake/core.ts";
import { mintEventIds } from "../../src/local/intake/event-ids.ts";
import { parseQuery } from "../../src/local/intake/query/parse-query.ts";
import { histogram } from "../../src/local/intake/search-api.ts";
import { intuneSamples } from "../../src/local/samples.ts";
import { fileOf, print } from "./support.ts";

/**
 * The local intake's store, full: events/s that it takes with parsing and the built-in rules, bytes on disk, and the time of a search's first
 * page with its histogram. Arguments: events (default 1,000,000), queries of each kind (50).
 */
const events = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 50);
const BATCH = 1000;
/** So that periods differ: a thousand events a second. */
const EVENTS_PER_MS = 1;
const START_MS = Date.parse("2026-11-24T00:00:00Z");
const KEYS = ["9f3c1a7e-key-of-intune-4b6d", "11aa22bb-key-of-another-77cc"];

const samples = intuneSamples();
const folder = await mkdtemp(join(tmpdir(), "search-bench-"));
const path = join(folder, "events.db");
const format = await intakeFormat("microsoft-intune", process.stderr);
const rules = [{ paths: [fileOf("../../rules")], dialect: "platform" as const }];
const core = openCore({ database: path, format, detection: { rules } });
const { store, alerts, pipeline } = core;
// Starting the thread and compiling is not storing.
pipeline.insert([eventOf(events)], mintEventIds(1), START_MS);
await pipeline.settled();
/** The processor time of making the events, which is no part of the intake. */
let makingMicros = 0;
let receivingMicros = 0;
const micros = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return user + system;
};
const before = performance.now();
const cpuBefore = process.cpuUsage();
const threadBefore = process.threadCpuUsage();
let slowestMs = 0;
for (let first = 0; first < events; first += BATCH) {
  const making = process.threadCpuUsage();
  const batch = Array.from({ length: Math.min(BATCH, events - first) }, (_, index) => eventOf(first + index));
  makingMicros += threadMicros(making);
  await pipeline.room();
  const started = performance.now();
  const receiving = process.threadCpuUsage();
  pipeline.insert(batch, mintEventIds(batch.length), START_MS + first / EVENTS_PER_MS);
  receivingMicros += threadMicros(receiving);
  slowestMs = Math.max(slowestMs, performance.now() - started);
  // What the thread has made is taken between two requests, as between two of a server.
  await new Promise(setImmediate);
}
const receivedSeconds = (performance.now() - before) / 1000;
await pipeline.settled();
const seconds = (performance.now() - before) / 1000;
const allMicros = micros(cpuBefore) - makingMicros;
const mainMicros = threadMicros(threadBefore) - makingMicros;
const each = (total: number) => (total / events).toFixed(0);
print(
  `${events} events of ${Math.round(samples.join("").length / samples.length)} bytes, parsed by microsoft-intune, held against the built-in rules`,
);
print(
  `insert: ${Math.round(events / seconds)} events/s until all can be found (received at ${Math.round(events / receivedSeconds)}); slowest request of ${BATCH}: ${slowestMs.toFixed(0)} ms`,
);
print(
  `CPU, microseconds an event: ${each(allMicros)}; the intake's own thread ${each(mainMicros)} (receiving ${each(receivingMicros)}), the other threads ${each(allMicros - mainMicros)}; making the events took ${each(makingMicros)} more; ${alerts.stored.count} alerts`,
);
const { size } = await stat(path);
print(`on disk: ${(size / 2 ** 20).toFixed(0)} MiB, ${Math.round(size / events)} bytes an event`);

/** A query for each round, so that none is answered from what the one before left in memory. */
const CASES: Readonly<
  Record<string, (round: number) => { readonly text: string; readonly isPeriod?: true }>
> = {
  "key and period": () => ({ text: `customer.intake_key:"${KEYS[0]}"`, isPeriod: true }),
  "key, all time": () => ({ text: `customer.intake_key:"${KEYS[0]}"` }),
  "field:value": (round) => ({ text: `user.name:user${round}@theshire.com` }),
  "a rare value": (round) => ({ text: `host.name:host-${round * 997}` }),
  "a rare word": (round) => ({ text: uuidOf(round * 1009) }),
  "a wildcard": (round) => ({ text: `user.name:user${round}*` }),
  "a wildcard in the middle": (round) => ({ text: `host.name:*ost-${round}1*` }),
  NOT: (round) => ({ text: `NOT user.name:user${round}@theshire.com` }),
  "a bare word": (round) => ({ text: ["compliance", "ManagedDevice", "Rename", "Windows"][round % 4] ?? "" }),
  "a number": (round) => ({ text: `action.type:AuditLogs AND NOT action.name:Delete* AND user${round}` }),
  "a time": (round) => ({ text: `@timestamp:>=2026-0${(round % 8) + 1}-01` }),
};
print(
  "search: first page and histogram, ms".padEnd(44) +
    ["found", "p50", "p95", "max"].map((t) => t.padStart(10)).join(""),
);
for (const [name, caseOf] of Object.entries(CASES)) {
  const times: number[] = [];
  let total = 0;
  for (let round = 0; round < rounds; round++) {
    const { text, isPeriod } = caseOf(round);
    const endMs = START_MS + (events / EVENTS_PER_MS) * ((round + 1) / rounds);
    const started = performance.now();
    const query = {
      query: parseQuery(text),
      ...(isPeriod && { sinceMs: endMs - 300_000, untilMs: endMs }),
    };
    store.find(query);
    total = Math.max(total, histogram(store, query, 60).total);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    (times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? 0).toFixed(1);
  print(name.padEnd(44) + [String(total), at(0.5), at(0.95), at(1)].map((t) => t.padStart(10)).join(""));
}
await core.close();
await rm(folder, { recursive: true });

function threadMicros(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return user + system;
}

function eventOf(number: number): { intakeKey: string; raw: string } {
  const raw = (samples[number % samples.length] as string)
    .replaceAll("Pipin.Saquet@theShire.com", `user${number % 5000}@theShire.com`)
    .replaceAll("Pipin@TheShire.com", `user${number % 5000}@theShire.com`)
    .replaceAll("TheShire-W744", `host-${number % 50_000}`)
    .replaceAll("DESKTOP-086N6KI", `host-${number % 50_000}`)
    .replaceAll("163381f4-6b9c-43c2-8b57-bfc16b7354f2", uuidOf(number))
    .replaceAll("2022-11", `2026-${String((number % 9) + 1).padStart(2, "0")}`);
  return { intakeKey: number % 4 === 0 ? (KEYS[1] as string) : (KEYS[0] as string), raw };
}

function uuidOf(number: number): string {
  const hex = Math.imul(number + 1, 0x9e37_79b1) >>> 0;
  return `${hex.toString(16).padStart(8, "0")}-6b9c-43c2-8b57-${number.toString(16).padStart(12, "0")}`;
}
