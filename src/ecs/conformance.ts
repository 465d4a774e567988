/** Runs the tests that formats bring along, and compares as the public test suite does. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Diagnostic } from "../kernel/diagnostic.ts";
import type { Dict } from "./contract/value.ts";
import { type Difference, differencesOf } from "./difference.ts";
import { compileFormat, type Format } from "./engine.ts";
import { parseJson } from "./literal/json-literal.ts";
import { findFormats, loadFormat } from "./load.ts";
import { toJson } from "./values/json-text.ts";

export type CaseResult = {
  /** The file's name without its ending. */
  readonly name: string;
  /** The first difference; undefined when the case passed. */
  readonly difference: Difference | undefined;
};

export type FormatResult = {
  readonly folder: string;
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly cases: readonly CaseResult[];
};

/** Tests every format found below the folders. */
export function* testFormats(
  folders: readonly string[],
  options: { readonly now: Date },
): Generator<FormatResult> {
  for (const root of folders) {
    for (const folder of findFormats(root)) yield testFormat(folder, options);
  }
}

function testFormat(folder: string, options: { readonly now: Date }): FormatResult {
  const { format, diagnostics } = compileFormat(loadFormat(folder));
  const tests = join(folder, "tests");
  const files = existsSync(tests) ? readdirSync(tests).filter((file) => file.endsWith(".json")) : [];
  const cases = files.sort().map((file) => ({
    name: basename(file, ".json"),
    difference: testDifferences(format, readFileSync(join(tests, file), "utf8"), options.now)[0],
  }));
  return { folder, name: format?.name || basename(folder), diagnostics, cases };
}

/** Parses the input of a format's test, and compares. @param text The test's file. */
export function testDifferences(format: Format | undefined, text: string, now: Date): readonly Difference[] {
  const test = parseJson(text);
  const input = test instanceof Map ? test.get("input") : undefined;
  const expected = test instanceof Map ? test.get("expected") : undefined;
  if (!(input instanceof Map && expected instanceof Map)) {
    return [{ path: "", expected: "a test with `input` and `expected`", got: undefined }];
  }
  if (format === undefined) return [{ path: "", expected: toJson(expected), got: undefined }];
  const { event } = format.parse(input, { now });
  return [...differencesOf(comparable(expected), comparable(event))];
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
  if (!(value instanceof Map && value.has(below))) return;
  const kept = new Map(value);
  kept.delete(below);
  if (kept.size > 0) dict.set(key, kept);
  else dict.delete(key);
}
