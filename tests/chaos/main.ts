/**
 * `npm run chaos -- [--seed N] [--minutes N] [--records N] [--partitions N] [--processes N] [--faults N]
 * [--lease SECONDS] [--limit MINUTES] [--only TEXT,TEXT]`: runs the connector's processes against servers that misbehave, checks that nothing is
 * lost, and puts the result into docs/chaos.md. Exits with 1 when a check did not hold, and leaves the page alone
 * then, as with `--only`, which takes the faults that have one of the texts in their names. After `--limit` no other fault
 * begins.
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { FAULTS } from "./faults.ts";
import { insertReport, reportLines } from "./report.ts";
import { runChaos } from "./run.ts";

const PAGE = new URL("../../docs/chaos.md", import.meta.url);

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "5" },
    records: { type: "string", default: "100000" },
    partitions: { type: "string", default: "8" },
    processes: { type: "string", default: "3" },
    faults: { type: "string", default: String(FAULTS.length) },
    lease: { type: "string", default: "10" },
    limit: { type: "string", default: "20" },
    only: { type: "string", default: "" },
  },
});

function count(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) {
    return number;
  }
  process.stderr.write(`--${name} ${values[name]} is not a whole number above 0\n`);
  process.exit(2);
}

const wanted = values.only.split(",");
const faults = FAULTS.filter(({ name }) => wanted.some((text) => name.includes(text)));
if (faults.length === 0) {
  process.stderr.write(`no fault has "${values.only}" in its name\n`);
  process.exit(2);
}
const ownershipExpiryMs = count("lease") * 1000;
const report = await runChaos({
  seed: count("seed"),
  minutes: count("minutes"),
  records: count("records"),
  partitions: count("partitions"),
  processes: count("processes"),
  faultCount: count("faults"),
  limitMinutes: count("limit"),
  faults,
  leases: {
    ownershipExpiryMs,
    ownershipUpdateMs: Math.min(10_000, ownershipExpiryMs / 5),
    describeEveryMs: 5000,
  },
  outageMs: 10_000,
  say: (line) => process.stderr.write(`${line}\n`),
});
const lines = reportLines(report);
process.stdout.write(`${lines.join("\n")}\n`);
if (report.broken.length === 0 && values.only === "") {
  writeFileSync(PAGE, insertReport(readFileSync(PAGE, "utf8"), report.options.seed, lines));
} else if (report.broken.length > 0) {
  for (const [worker, log] of report.logs) {
    process.stderr.write(`\n${worker}\n${log.slice(-40).join("\n")}\n`);
  }
  process.exitCode = 1;
}
