/**
 * Events a second of one thread, from raw text to ECS event, and to the event's JSON text. Beside them the same events
 * through JSON.parse and JSON.stringify alone, and how many times that a parse takes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { compileFormat, findFormats, loadFormat, toJson } from "../../src/ecs/index.ts";
import { corpusFolder } from "../conformance/corpus.ts";

/** `--all` measures every format of the corpus, each for a short time, and sorts them by ratio. */
const isAll = process.argv.includes("--all");
const ROUND_MS = isAll ? 80 : 1500;
const ROUNDS = 3;
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
  `${"format".padEnd(NAME_CHARS)}${["events/s", "printed/s", "JSON/s", "ratio"].map((title) => title.padStart(NUMBER_CHARS)).join("")}\n`,
);
for (const folder of folders) {
  const { format } = compileFormat(loadFormat(folder));
  const messages = readdirSync(join(folder, "tests"))
    .filter((file) => file.endsWith(".json"))
    .map((file) => String(JSON.parse(readFileSync(join(folder, "tests", file), "utf8")).input.message));
  if (format === undefined || messages.length === 0) continue;
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
  // They take turns, so that both see the same machine.
  let eventsPerSecond = 0;
  let printedPerSecond = 0;
  let jsonPerSecond = 0;
  for (let round = 0; round < ROUNDS; round++) {
    eventsPerSecond = Math.max(eventsPerSecond, perSecond(messages, parse));
    printedPerSecond = Math.max(printedPerSecond, perSecond(messages, print));
    jsonPerSecond = Math.max(jsonPerSecond, perSecond(texts, json));
  }
  if (sink === 0) throw new Error(`${folder}: nothing was parsed`);
  const ratio = jsonPerSecond / eventsPerSecond;
  const row = [eventsPerSecond, printedPerSecond, jsonPerSecond]
    .map((rate) => String(Math.round(rate)).padStart(NUMBER_CHARS))
    .join("");
  const line = `${basename(folder).padEnd(NAME_CHARS)}${row}${ratio.toFixed(1).padStart(NUMBER_CHARS)}\n`;
  rows.push({ ratio, line });
  if (!isAll) process.stdout.write(line);
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

function perSecond(items: readonly string[], run: (item: string) => void): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < ROUND_MS) {
    const repeats = isAll ? 1 : 50;
    for (let i = 0; i < repeats; i++) for (const item of items) run(item);
    count += repeats * items.length;
  }
  return (count * 1000) / (performance.now() - start);
}
