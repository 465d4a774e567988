import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { compileFormat } from "../../src/ecs/engine.ts";
import { findFormats, loadFormat } from "../../src/ecs/load.ts";

export type FuzzReport = {
  readonly events: number;
  /** One line for each event that threw. */
  readonly thrown: readonly string[];
  /** The most that a parse took of the processor, in milliseconds; other work on the machine does not stretch it. */
  readonly slowestCpuMs: number;
  /** The longest that a parse took on the clock, in milliseconds. */
  readonly slowestWallMs: number;
  /** The event that took the most of the processor. */
  readonly slowest: string;
};

type FuzzOptions = { readonly events: number; readonly seed: number; readonly now: Date };

/** Mutates the formats' own test events, the same ones for the same seed, and parses them. */
export function fuzzFormats(root: string, { events, seed, now }: FuzzOptions): FuzzReport {
  const folders = findFormats(root);
  const random = mulberry32(seed);
  const perFormat = Math.ceil(events / Math.max(1, folders.length));
  const thrown: string[] = [];
  let count = 0;
  let slowestCpuMs = 0;
  let slowestWallMs = 0;
  let slowest = "";
  for (const folder of folders) {
    const { format } = compileFormat(loadFormat(folder));
    const messages = messagesOf(folder);
    if (format === undefined || messages.length === 0) {
      continue;
    }
    // Patterns are compiled at first use, which is not a part of an event's time.
    for (const message of messages) {
      format.parse(message, { now });
    }
    for (let i = 0; i < perFormat; i++) {
      const message = mutate(messages[Math.floor(random() * messages.length)] ?? "", messages, random);
      const start = performance.now();
      const cpuStart = process.threadCpuUsage();
      try {
        format.parse(message, { now });
      } catch (error) {
        thrown.push(`${folder}: ${String(error)} for ${JSON.stringify(message.slice(0, 200))}`);
      }
      const { user, system } = process.threadCpuUsage(cpuStart);
      const cpuMs = (user + system) / 1000;
      slowestWallMs = Math.max(slowestWallMs, performance.now() - start);
      count++;
      if (cpuMs > slowestCpuMs) {
        slowestCpuMs = cpuMs;
        slowest = `${folder}: ${JSON.stringify(message.slice(0, 300))}`;
      }
    }
  }
  return { events: count, thrown, slowestCpuMs, slowestWallMs, slowest };
}

function messagesOf(folder: string): string[] {
  const tests = join(folder, "tests");
  return readdirSync(tests)
    .filter((file) => file.endsWith(".json"))
    .map((file) => String(JSON.parse(readFileSync(join(tests, file), "utf8")).input?.message ?? ""));
}

const SNIPPETS = [
  "__proto__",
  "constructor",
  "\u0000",
  "\ud800",
  "}}",
  "{{",
  "[[[[",
  '"',
  "\\",
  "%n",
  "=",
  "|",
  " ",
  "None",
  "-1",
  "9".repeat(30),
  "é",
  "\n",
];

/** One to four edits: cut, repeat, swap in a piece of another event, or strange characters. */
function mutate(message: string, others: readonly string[], random: () => number): string {
  let text = message;
  const edits = 1 + Math.floor(random() * 4);
  for (let i = 0; i < edits; i++) {
    const from = Math.floor(random() * (text.length + 1));
    const to = Math.min(text.length, from + Math.floor(random() * 40));
    const other = others[Math.floor(random() * others.length)] ?? "";
    const snippet = SNIPPETS[Math.floor(random() * SNIPPETS.length)] ?? "";
    const middles = [
      "",
      text.slice(from, to).repeat(1 + Math.floor(random() * 50)),
      other.slice(from, to),
      snippet,
      snippet.repeat(200),
    ];
    text = text.slice(0, from) + (middles[Math.floor(random() * middles.length)] ?? "") + text.slice(to);
  }
  return text;
}

/** A small random generator with a seed, so that a finding can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
