/**
 * Events a second of one thread, from raw text to ECS event, and to the event's JSON text. Beside them the same events
 * through JSON.parse and JSON.stringify alone, how many times that a parse takes, and the slowest event. Of each event the
 * fastest of many rounds counts, so that figures from a machine that is busy mean the same.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { compileFormat, findFormats, loadFormat, toJson } from "../../src/ecs/index.ts";
import { corpusFolder } from "../conformance/corpus.ts";

/** `--all` measures every format of the corpus, each for a short time, and sorts them by ratio. */
const isAll = process.argv.includes("--all");
/** Each event is parsed so often before anything is measured: V8 compiles what runs often, and automatons are built. */
const WARM_UP_MS = isAll ? 500 : 2000;
/** Short, so that some fall between what else the machine does; of each event the fastest of all rounds counts. */
const ROUND_MS = isAll ? 30 : 100;
const ROUNDS = 16;
/** What reading the clock takes; JSON of a short event takes little more. */
const CLOCK_MS = clockMs();
/** Formats of different kinds. */
const CORPUS_FORMATS = [
  "okta-system-logs", // JSON
  "stormshield_network_security", // keys and values
  "paloalto-ngfw", // rows of cells
  "postfix", // many grok patterns
  "azure-windows", // Windows XML inside of JSON
  "trend-micro-apex-one", // CEF
];
/** Columns. */
const NAME_CHARS = 30;
const NUMBER_CHARS = 11;

const NOW = new Date("2026-11-24T00:00:00Z");
const bundled = fileURLToPath(new URL("../../formats/microsoft-intune", import.meta.url));
const corpus = corpusFolder();
const found = corpus === undefined ? [] : findFormats(corpus);
const folders = [bundled, ...found.filter((folder) => isAll || CORPUS_FORMATS.includes(basename(folder)))];
const rows: { readonly ratio: number; readonly line: string }[] = [];

process.stdout.write(
  `${"format".padEnd(NAME_CHARS)}${["events/s", "printed/s", "JSON/s", "ratio", "slowest"].map((title) => title.padStart(NUMBER_CHARS)).join("")}\n`,
);
for (const folder of folders) {
  const { format } = compileFormat(loadFormat(folder));
  const messages = readdirSync(join(folder, "tests"))
    .filter((file) => file.endsWith(".json"))
    .map((file) => String(JSON.parse(readFileSync(join(folder, "tests", file), "utf8")).input.message));
  if (format === undefined || messages.length === 0) {
    continue;
  }
  let sink = 0;
  const parse = (message: string): void => {
    sink += format.parse(message, { now: NOW }).event.size;
  };
  const print = (message: string): void => {
    sink += toJson(format.parse(message, { now: NOW }).event).length;
  };
  // Text that is not JSON is wrapped in it, as a hub's record would carry it.
  const texts = messages.map((message) => (isJson(message) ? message : JSON.stringify({ message })));
  const json = (text: string): void => {
    sink += JSON.stringify(JSON.parse(text)).length;
  };
  const parsed = messages.map(() => Number.POSITIVE_INFINITY);
  const printed = messages.map(() => Number.POSITIVE_INFINITY);
  const plain = texts.map(() => Number.POSITIVE_INFINITY);
  run(WARM_UP_MS, messages, print, printed);
  run(WARM_UP_MS / 10, texts, json, plain);
  // They take turns, so that all see the same machine.
  for (let round = 0; round < ROUNDS; round++) {
    run(ROUND_MS, messages, parse, parsed);
    run(ROUND_MS / 3, messages, print, printed);
    run(ROUND_MS / 3, texts, json, plain);
  }
  if (sink === 0) {
    throw new Error(`${folder}: nothing was parsed`);
  }
  const ratio = sum(parsed) / sum(plain);
  const row = [parsed, printed, plain]
    .map((times) => String(Math.round((1000 * times.length) / sum(times))).padStart(NUMBER_CHARS))
    .join("");
  const slowest = `${Math.max(...parsed).toFixed(2)} ms`.padStart(NUMBER_CHARS);
  const line = `${basename(folder).padEnd(NAME_CHARS)}${row}${ratio.toFixed(1).padStart(NUMBER_CHARS)}${slowest}\n`;
  rows.push({ ratio, line });
  if (!isAll) {
    process.stdout.write(line);
  }
}
if (isAll) {
  rows.sort((a, b) => b.ratio - a.ratio);
  process.stdout.write(rows.map(({ line }) => line).join(""));
  process.stdout.write(
    `median ratio: ${rows[rows.length >> 1]?.ratio.toFixed(1)} of ${rows.length} formats\n`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Only asked what it is.
    return false;
  }
}

/**
 * Runs all items for a while, each once at least, and notes the fastest time of each.
 * @param fastest Milliseconds, by item.
 */
function run(
  roundMs: number,
  items: readonly string[],
  measured: (item: string) => void,
  fastest: number[],
): void {
  const end = performance.now() + roundMs;
  do {
    for (const [index, item] of items.entries()) {
      const start = performance.now();
      measured(item);
      fastest[index] = Math.min(fastest[index] ?? 0, performance.now() - start - CLOCK_MS);
    }
  } while (performance.now() < end);
}

function clockMs(): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10_000; i++) {
    const start = performance.now();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

function sum(times: readonly number[]): number {
  return times.reduce((total, time) => total + time, 0);
}
