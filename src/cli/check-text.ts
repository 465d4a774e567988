import type { CategoryReport, InspectionReport } from "../app/inspect.ts";
import { counted } from "../kernel/counted.ts";
import { plainText } from "../kernel/hidden-characters.ts";
import type { CheckResult } from "../preflight/contract.ts";
import { paint } from "./paint.ts";
import type { Screen } from "./streams.ts";

const STATUS_WIDTH = 9;
const TITLE_WIDTH = 28;
/** Names of a list that are shown; `--json` has them all. */
const SHOWN = 12;

const STYLES = { passed: "green", warning: "yellow", failed: "red", skipped: "dim" } as const;

/** One check in a line, and what to do about it in a second one. */
export function checkText(
  { status, title, detail, cause, fix, guideStep }: CheckResult,
  screen: Screen,
): string {
  const indent = " ".repeat(STATUS_WIDTH);
  const head = `${paint(screen, STYLES[status], status.padEnd(STATUS_WIDTH))}${title.padEnd(TITLE_WIDTH)}`;
  if (status === "passed") {
    return `${head}${plainText(detail ?? "")}\n`;
  }
  if (status === "skipped") {
    return `${head}${plainText(cause ?? "")}\n`;
  }
  return `${head}${plainText(cause ?? "")}\n${indent}${"what to do".padEnd(TITLE_WIDTH)}${fix} (${guideStep})\n`;
}

/** The sum of all checks. */
export function sumText(results: readonly CheckResult[]): string {
  const parts = (["passed", "warning", "failed", "skipped"] as const).flatMap((status) => {
    const count = results.filter((result) => result.status === status).length;
    return count === 0 ? [] : [`${count} ${status}${status === "warning" && count > 1 ? "s" : ""}`];
  });
  return `${parts.join(", ")}\n`;
}

/** What the newest messages are like. */
export function liveText(report: InspectionReport): string {
  const { messages, records, smallestBytes, largestBytes } = report;
  const oddities = [
    `${report.invalidJson} not JSON`,
    counted(report.heartbeats, "heartbeat"),
    `${report.unreadable} with a body that cannot be unpacked`,
    `${counted(report.tooLarge, "record")} too large for the intake`,
  ];
  return [
    "",
    report.summary,
    `${counted(messages, "message")} with ${counted(records, "record")} of ${smallestBytes} to ${largestBytes} bytes; ${oddities.join(", ")}`,
    ...report.categories.flatMap(categoryLines),
  ]
    .map((line) => `${plainText(line)}\n`)
    .join("");
}

function categoryLines({ category, records, dropped, fields, warnings }: CategoryReport): string[] {
  const names = Object.keys(fields);
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return [
    `  ${category ?? "(no category)"}: ${counted(records, "record")}${dropped === 0 ? "" : `, ${dropped} of them dropped`}`,
    `    fields ${names.slice(0, SHOWN).join(", ") || "none"}${more}`,
    ...Object.entries(warnings)
      .slice(0, SHOWN)
      .map(([text, count]) => `    warning ${text} (${count})`),
  ];
}
