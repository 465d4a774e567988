import { statSync, watch, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Command } from "commander";
import { type FormatResult, testFormats } from "../ecs/conformance.ts";
import type { Coverage } from "../ecs/coverage.ts";
import { counted } from "../kernel/counted.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { plainText } from "../kernel/hidden-characters.ts";
import { diagnosticsText } from "./format-diagnostics.ts";
import { formatsBelow } from "./format-folder.ts";
import type { stopSignal } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";

type TestCommandOptions = {
  readonly json?: true;
  readonly update?: true;
  readonly watch?: true;
  readonly coverage?: true;
  readonly now: Date;
};

/** Adds `formats test`. */
export function registerFormatsTest(formats: Command, streams: Streams, listen: typeof stopSignal): void {
  formats
    .command("test")
    .summary("runs the tests of every format below the folders")
    .description(
      "Runs the tests of every format below the folders, and shows for each failed test every path that differs. " +
        "Errors in the formats' files go to standard error.\n" +
        "Exit code: 0 if all passed, 1 if a test failed or a format has an error, 2 if a folder holds no format.",
    )
    .argument("<DIR...>", "folders with formats, at any depth")
    .option("--json", "the results as JSON")
    .option("--update", "show the differences, and write the actual results as the tests' expectations")
    .option(
      "--coverage",
      "show which stages, filters and patterns no test reaches, and how long each stage takes",
    )
    .option("--watch", "run again whenever a file of the formats changes, until Ctrl-C")
    .option(
      "--now <TIME>",
      "the current time (ISO 8601), from which dates without a year take theirs",
      timeOf,
      new Date(),
    )
    .action(async (folders: string[], options: TestCommandOptions) => {
      if (options.watch) {
        await runAtChanges(folders, options, streams, listen);
      } else if (!(await runTests(formatsBelow(folders), options, streams))) {
        process.exitCode = 1;
      }
    });
}

/** @returns Whether all passed, and no format has an error. */
async function runTests(
  folders: readonly string[],
  { json, now, update, coverage }: TestCommandOptions,
  { stdout, stderr }: Streams,
): Promise<boolean> {
  const results: FormatResult[] = [];
  const coverageClock = coverage ? () => performance.now() : undefined;
  for (const result of testFormats(folders, { now, coverageClock })) {
    results.push(result);
    const updated = update ? writeExpectations(result) : 0;
    if (!json) {
      await writeText(stderr, diagnosticsText(result.diagnostics));
      await writeText(
        stderr,
        result.cases.length === 0
          ? `warning: ${result.folder} has no test; put one into ${join(result.folder, "tests")}
`
          : "",
      );
      await writeText(stdout, failureText(result));
      await writeText(
        stdout,
        updated === 0 ? "" : `${result.folder}: ${counted(updated, "expectation")} written\n`,
      );
      await writeText(
        stdout,
        result.coverage === undefined ? "" : coverageText(result.folder, result.coverage),
      );
    }
  }
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ differences }) => differences.length > 0).length;
  const passed = cases.length - failed;
  await writeText(
    stdout,
    json
      ? `${JSON.stringify({ passed, failed, formats: results }, null, 2)}\n`
      : `${passed} passed, ${failed} ${update ? "updated" : "failed"}\n`,
  );
  const hasError = results.some(({ diagnostics }) =>
    diagnostics.some(({ severity }) => severity === "error"),
  );
  return (failed === 0 || update === true) && !hasError;
}

/** @returns How many files were written. */
function writeExpectations({ folder, cases }: FormatResult): number {
  let written = 0;
  for (const testCase of cases) {
    const text = testCase.differences.length === 0 ? undefined : testCase.update();
    if (text === undefined) {
      continue;
    }
    writeFileSync(join(folder, "tests", `${testCase.name}.json`), text);
    written++;
  }
  return written;
}

function failureText({ folder, cases }: FormatResult): string {
  return cases
    .flatMap(({ name, differences }) =>
      differences.map(
        ({ path, expected = "nothing", got = "nothing" }) =>
          `${folder} ${name}: ${plainText(path)}\n  expected ${plainText(expected)}\n  got ${plainText(got)}\n`,
      ),
    )
    .join("");
}

function coverageText(folder: string, { points, unreached, costs }: Coverage): string {
  const lines = [
    `${folder}: the tests reach ${points - unreached.length} of ${points} stages, filters and patterns`,
    ...unreached.map(({ kind, name, span }) => {
      const place = `${relative(folder, span.file)}:${span.line}`;
      return `  ${place} ${kind}${name === "" ? " never true" : ` ${plainText(name)} never matches`}`;
    }),
    ...costs.map(({ item, stage, runs, totalMicros }) => {
      const micros = (totalMicros / runs).toFixed(0);
      return `  ${plainText(item)} (${stage}): ${micros} µs an event`;
    }),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Editors write a file in several steps; what follows within this time is one change. */
const SETTLE_MS = 100;

async function runAtChanges(
  folders: readonly string[],
  options: TestCommandOptions,
  streams: Streams,
  listen: typeof stopSignal,
): Promise<void> {
  const formats = formatsBelow(folders);
  const stop = listen();
  const changes = new Changes(formats, stop.signal);
  try {
    while (!stop.signal.aborted) {
      await runTests(formats, options, streams);
      await writeText(streams.stdout, "waiting for a change; Ctrl-C ends it\n");
      await changes.next();
    }
  } finally {
    changes.close();
    stop.release();
  }
}

/** Changes of the formats' files; what `formats test` writes itself does not count. */
class Changes {
  readonly #watchers: readonly { close(): void }[];
  #wake: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(folders: readonly string[], signal: AbortSignal) {
    const changed = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#wake(), SETTLE_MS);
    };
    // The fields of a module lie beside its formats.
    const watched = new Set(folders.flatMap((folder) => [folder, join(dirname(folder), "_meta")]));
    this.#watchers = [...watched]
      .filter(isFolder)
      .map((folder) => watch(folder, { recursive: true }, changed));
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) {
      watcher.close();
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** @throws InputInvalid for what is not a time. */
function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw new InputInvalid(`--now ${text} is not a time; write one such as 2026-01-31T12:00:00Z`);
  }
  return time;
}
