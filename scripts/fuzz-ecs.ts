/** The full fuzz run: `node scripts/fuzz-ecs.ts [EVENTS] [SEED]`. Fails for an exception, or a parse above 100 ms of the processor. */
import process from "node:process";
import { corpusFolder } from "../tests/conformance/corpus.ts";
import { fuzzFormats } from "../tests/conformance/fuzz.ts";

const MAX_PARSE_MS = 100;

const folder = corpusFolder();
if (folder === undefined) {
  throw new Error("there is no corpus; name its folder in the variable ECS_CORPUS");
}
const events = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const report = fuzzFormats(folder, { events, seed, now: new Date("2026-11-24T00:00:00Z") });
process.stdout.write(
  `${report.events} events, ${report.thrown.length} exceptions, ` +
    `slowest ${report.slowestCpuMs.toFixed(1)} ms of the processor, ${report.slowestWallMs.toFixed(1)} ms on the clock\n`,
);
process.stdout.write(`slowest: ${report.slowest}\n${report.thrown.slice(0, 20).join("\n")}`);
process.exitCode = report.thrown.length > 0 || report.slowestCpuMs > MAX_PARSE_MS ? 1 : 0;
