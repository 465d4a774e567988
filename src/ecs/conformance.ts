/** Runs the tests that formats bring along, and compares as the public test suite does. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Diagnostic } from "../kernel/diagnostic.ts";
import type { Dict } from "./contract/value.ts";
import { type Coverage, CoverageWatch } from "./coverage.ts";
import { type Difference, differencesOf } from "./difference.ts";
import { compileFormat, type Format } from "./engine.ts";
import { updatedTest } from "./expectation.ts";
import { parseJson } from "./literal/json-literal.ts";
import { findFormats, loadFormat } from "./load.ts";
import { toJson } from "./values/json-text.ts";

export type CaseResult = {
  /** The file's name without its ending. */
  readonly name: string;
  /** All of them, in the order of the paths; none when the case passed. */
  readonly differences: readonly Difference[];
  /** The file as it would pass, where it can. */
  update(): string | undefined;
};

export type FormatResult = {
  readonly folder: string;
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly cases: readonly CaseResult[];
  /** Where it was asked for. */
  readonly coverage?: Coverage;
};

export type TestOptions = {
  readonly now: Date;
  /** A clock that never goes back, in milliseconds; with one, what the tests reach is counted, and what it costs. */
  readonly coverageClock?: (() => number) | undefined;
};

/** Tests every format found below the folders. */
export function* testFormats(folders: readonly string[], options: TestOptions): Generator<FormatResult> {
  for (const root of folders) {
    for (const folder of findFormats(root)) {
      yield testFormat(folder, options);
    }
  }
}

function testFormat(folder: string, { now, coverageClock }: TestOptions): FormatResult {
  const watch = coverageClock === undefined ? undefined : new CoverageWatch(coverageClock);
  const { format, diagnostics } = compileFormat(loadFormat(folder), watch);
  const tests = join(folder, "tests");
  const files = existsSync(tests) ? readdirSync(tests).filter((file) => file.endsWith(".json")) : [];
  const cases = files.sort().map((file) => {
    const text = readFileSync(join(tests, file), "utf8");
    return {
      name: basename(file, ".json"),
      differences: testDifferences(format, text, now),
      update: () => updatedText(format, text, now),
    };
  });
  const result = { folder, name: format?.name || basename(folder), diagnostics, cases };
  return watch === undefined ? result : { ...result, coverage: watch.coverage };
}

/** Parses the input of a format's test, and compares. @param text The test's file. */
export function testDifferences(format: Format | undefined, text: string, now: Date): readonly Difference[] {
  const test = parseJson(text);
  const input = test instanceof Map ? test.get("input") : undefined;
  const expected = test instanceof Map ? test.get("expected") : undefined;
  if (!(input instanceof Map && expected instanceof Map)) {
    return [{ path: "", expected: "a test with `input` and `expected`", got: undefined }];
  }
  if (format === undefined) {
    return [{ path: "", expected: toJson(expected), got: undefined }];
  }
  const { event } = format.parse(input, { now });
  return [...differencesOf(comparable(expected), comparable(event))];
}

/** The test with what the format makes of its input; undefined when that cannot be known. */
function updatedText(format: Format | undefined, text: string, now: Date): string | undefined {
  const test = parseJson(text);
  const input = test instanceof Map ? test.get("input") : undefined;
  if (!(format !== undefined && test instanceof Map && input instanceof Map)) {
    return undefined;
  }
  return updatedTest(test, format.parse(input, { now }).event);
}

/** Without what the suite leaves out: the message, and what the intake makes for each event. */
function comparable(event: Dict): Dict {
  const copy = new Map(event);
  copy.delete("message");
  deleteBelow(copy, "event", "id");
  deleteBelow(copy, "sekoiaio", "intake");
  return copy;
}

/** Removes an entry of an entry in a copy of it; a dict that is empty then goes too. */
function deleteBelow(dict: Dict, key: string, below: string): void {
  const value = dict.get(key);
  if (!(value instanceof Map && value.has(below))) {
    return;
  }
  const kept = new Map(value);
  kept.delete(below);
  if (kept.size > 0) {
    dict.set(key, kept);
  } else {
    dict.delete(key);
  }
}
