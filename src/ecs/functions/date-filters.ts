/** Filters that make timestamps, as the stage `date.parse` does. */
import type { FilterDefinition } from "../contract/function.ts";
import { type StageDefinition, StageFailure, type StageRunner } from "../contract/stage.ts";
import { Fault } from "../contract/value.ts";
import { argument, defineFilter } from "./define.ts";

const MAX_PREPARED = 100;

/** @param dateParse The stage that reads dates; the filters are its short form. */
export function dateFilters(dateParse: StageDefinition): readonly FilterDefinition[] {
  // Formats are written in templates, so there are few; past the bound they are prepared again.
  const prepared = new Map<string, StageRunner>();
  const runnerOf = (format: string): StageRunner => {
    const runner = prepared.get(format) ?? dateParse.prepare(format === "" ? {} : { format });
    if (prepared.size < MAX_PREPARED) {
      prepared.set(format, runner);
    }
    return runner;
  };
  const run: FilterDefinition["run"] = (value, args, tools) => {
    const format = argument(args, 0, "format");
    const parse = runnerOf(typeof format === "string" ? format : "");
    const parsed = parse({ value, rendered: {}, nowMs: tools.nowMs, reads: "all" });
    return parsed instanceof StageFailure ? new Fault(parsed.reason) : parsed;
  };
  const toRfc3339 = defineFilter({
    name: "to_rfc3339",
    summary: "A date in UTC with microseconds; without a format it is recognised.",
    examples: [
      {
        title: "seconds since 1970",
        expression: "1600000000 | to_rfc3339('timestamp')",
        result: "2020-09-13T12:26:40.000000Z",
      },
      {
        title: "a format",
        expression: "'02/09/2020' | to_rfc3339('%d/%m/%Y')",
        result: "2020-09-02T00:00:00.000000Z",
      },
    ],
    run,
  });
  const toIso8601 = defineFilter({
    name: "to_iso8601",
    summary: "A date in UTC with microseconds, recognised.",
    examples: [
      {
        title: "another zone",
        expression: "'2020-09-13T14:26:40+02:00' | to_iso8601",
        result: "2020-09-13T12:26:40.000000Z",
      },
    ],
    run,
  });
  return [toRfc3339, toIso8601];
}
