import type { ChaosReport } from "./run.ts";

const MIB = 2 ** 20;

/** The result as lines for a person: what was done, a row for each fault, and what did not hold. */
export function reportLines(report: ChaosReport): string[] {
  const { options, broken } = report;
  return [
    summaryOf(report),
    "",
    "| fault | count | lost | duplicated | recovered in s, at most |",
    "|---|--:|--:|--:|--:|",
    ...report.rows.map(
      (row) =>
        `| ${row.fault} | ${row.count} | ${row.lost} | ${row.duplicated} | ${(row.recoveredInMs / 1000).toFixed(1)} |`,
    ),
    "",
    broken.length === 0 ? "Every check held." : `Seed ${options.seed}: ${broken.length} checks did not hold.`,
    ...broken.map((line) => `- ${line}`),
  ];
}

function summaryOf({ options, records, faults, ...report }: ChaosReport): string {
  const { ownershipExpiryMs, ownershipUpdateMs } = options.leases;
  return (
    `Seed ${options.seed}: ${records.toLocaleString("en")} records over ${options.partitions} partitions and ` +
    `${options.processes} processes, ${faults} stretches of ${options.faults.length} kinds of faults in ` +
    `${(report.durationMs / 60_000).toFixed(1)} minutes; leases of ${ownershipExpiryMs / 1000} s, renewed every ` +
    `${ownershipUpdateMs / 1000} s; outages of ${options.outageMs / 1000} s. ` +
    `${report.duplicated.toLocaleString("en")} records came twice; the checkpoints were read ` +
    `${report.checkpointsLooked} times; at most ${Math.round(report.peakRssBytes / MIB)} MiB a process; ` +
    `SIGTERM took ${(report.longestStopMs / 1000).toFixed(1)} s at most.`
  );
}

/** Puts the result into a page between the two marks of its seed; without them, at the end of the marked part. */
export function insertReport(page: string, seed: number, lines: readonly string[]): string {
  const begin = `<!-- chaos ${seed} -->`;
  const end = `<!-- end of chaos ${seed} -->`;
  const block = [begin, ...lines, end].join("\n");
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from >= 0 && to > from) {
    return page.slice(0, from) + block + page.slice(to + end.length);
  }
  const anchor = "<!-- chaos results -->";
  const at = page.indexOf(anchor);
  if (at < 0) {
    throw new Error(`docs/chaos.md has no line "${anchor}" to put the results before`);
  }
  return `${page.slice(0, at)}${block}\n\n${page.slice(at)}`;
}
