import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { text as readText } from "node:stream/consumers";
import type { Command } from "commander";
import type { TraceEntry, Warning } from "../ecs/contract/program.ts";
import { StageFailure } from "../ecs/contract/stage.ts";
import type { Format } from "../ecs/engine.ts";
import { parseJson } from "../ecs/literal/json-literal.ts";
import { toJson } from "../ecs/values/json-text.ts";
import { counted } from "../kernel/counted.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { plainJson, plainText } from "../kernel/hidden-characters.ts";
import type { Detection } from "../local/intake/alerts/detection.ts";
import type { Dialect, RuleEvent, RuleMatch } from "../rules/contract.ts";
import { requireFile } from "./input-files.ts";
import { collected, readDialect, usableDetection } from "./rule-folder.ts";
import { type Streams, writeAll, writeText } from "./streams.ts";
import { usableFormat } from "./usable-format.ts";

type ParseCommandOptions = {
  readonly format: string;
  readonly jsonArray?: true;
  readonly trace?: true;
  readonly rules?: readonly string[];
  readonly indicators?: readonly string[];
  readonly dialect?: Dialect;
};

/** What a person writes for it among files. */
const STANDARD_INPUT = "-";

/** What is done to each event. */
type Parsing = {
  readonly format: Format;
  readonly failures: Failures;
  readonly isTraced: boolean;
  readonly detection: Detection | undefined;
  readonly stderr: Writable;
};

/** Adds `parse`: raw events in, ECS events out, a line each. */
export function registerParse(program: Command, streams: Streams = process): void {
  program
    .command("parse")
    .summary("raw events → ECS events, one per line")
    .description(
      "Parses raw events, one per line, and prints their ECS events, one per line. Without FILE, or with -, reads " +
        "standard input. Empty lines are skipped; a JSON object over several lines is one event.\n" +
        "Standard error tells how many events a stage could not parse.\n" +
        "Exit code: 0 if all input was read, 2 if the format or a file cannot be used.",
    )
    .argument("[FILE...]", "files of raw events")
    .requiredOption("--format <NAME|DIR>", "a bundled format, or a format's folder")
    .option(
      "--json-array",
      "the input is a JSON array of events; one that is not a string is parsed as JSON text",
    )
    .option("--trace", "before each event, print lines with # that show what each stage set")
    .option(
      "--rules <DIR>",
      "rules to match the events against, or builtin; alerts go to standard error; repeatable",
      collected,
    )
    .option(
      "--indicators <PATH>",
      "indicators (STIX bundles, CSV files) besides those in the rules' folder indicators; repeatable",
      collected,
    )
    .option("--dialect <NAME>", "the rules' dialect: standard or platform", readDialect)
    .addHelpText(
      "after",
      "\nExample:\n  $ npx eventhub-intake parse --format microsoft-intune events.log --trace\n",
    )
    .action(async (files: string[], options: ParseCommandOptions) => {
      const { format } = await usableFormat(options.format, streams.stderr);
      for (const file of files) {
        if (file !== STANDARD_INPUT) {
          requireFile(file);
        }
      }
      const { rules, indicators = [], dialect } = options;
      if (rules === undefined && indicators.length > 0) {
        throw new InputInvalid("--indicators needs rules that look for them; add --rules builtin");
      }
      const detection =
        rules === undefined ? undefined : await usableDetection(rules, indicators, dialect, streams.stderr);
      const isTraced = options.trace ?? false;
      const failures = new Failures();
      const parsing = {
        format,
        failures,
        isTraced,
        detection,
        stderr: streams.stderr,
      };
      await writeAll(streams.stdout, parsedEvents(parsing, files, options, streams.stdin));
      await writeText(streams.stderr, failures.summary());
    });
}

async function* parsedEvents(
  parsing: Parsing,
  files: readonly string[],
  options: ParseCommandOptions,
  stdin: Readable,
): AsyncGenerator<string> {
  for (const file of files.length === 0 ? [undefined] : files) {
    const stream = file === undefined || file === STANDARD_INPUT ? stdin : createReadStream(file);
    const events = options.jsonArray ? arrayEvents(stream, file ?? "standard input") : lineEvents(stream);
    for await (const event of events) {
      yield await parsed(parsing, event);
    }
  }
}

/** Characters of a pretty-printed event that are gathered before its lines count as events of their own. */
const MAX_PRETTY_CHARS = 4_194_304;

/** Each line; but lines from one that is `{` to one that is `}` are one event, if they are JSON together. */
async function* lineEvents(stream: Readable): AsyncGenerator<string> {
  let pretty: string[] = [];
  let chars = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (pretty.length === 0 && line !== "{") {
      if (line !== "") {
        yield line;
      }
      continue;
    }
    pretty.push(line);
    chars += line.length;
    if (line === "}" || chars > MAX_PRETTY_CHARS) {
      yield* oneOrEach(pretty);
      pretty = [];
      chars = 0;
    }
  }
  yield* oneOrEach(pretty);
}

function oneOrEach(lines: readonly string[]): readonly string[] {
  const text = lines.join("\n");
  return parseJson(text) instanceof StageFailure ? lines.filter((line) => line !== "") : [text];
}

async function* arrayEvents(stream: Readable, name: string): AsyncGenerator<string> {
  const events = parseJson(await readText(stream));
  if (!Array.isArray(events)) {
    throw new InputInvalid(`${name} holds no JSON array; leave out --json-array when each line is an event`);
  }
  for (const event of events) {
    yield typeof event === "string" ? event : toJson(event);
  }
}

/** Of how many events which stages could not read their text. */
class Failures {
  #events = 0;
  readonly #byStage = new Map<string, { events: number; reason: string }>();

  /** Counts one event; a stage is counted once for it. */
  add(warnings: readonly Warning[]): void {
    this.#events++;
    for (const [stage, { reason }] of new Map(warnings.map((warning) => [warning.stage, warning]))) {
      const known = this.#byStage.get(stage);
      this.#byStage.set(stage, { events: (known?.events ?? 0) + 1, reason: known?.reason ?? reason });
    }
  }

  summary(): string {
    return [...this.#byStage]
      .map(
        ([stage, { events, reason }]) =>
          `${events} of ${counted(this.#events, "event")}: stage \`${stage}\` could not parse (${plainText(reason)})\n`,
      )
      .join("");
  }
}

async function parsed(
  { format, failures, isTraced, detection, stderr }: Parsing,
  raw: string,
): Promise<string> {
  const now = new Date();
  const { event, trace, warnings } = format.parse(raw, { now, trace: isTraced });
  failures.add(warnings);
  const text = toJson(event);
  if (detection !== undefined) {
    const fired = detection.take(JSON.parse(text) as RuleEvent, "", now);
    await writeText(stderr, fired.map(alertText).join(""));
  }
  return `${trace.map(traceText).join("")}${plainJson(text)}\n`;
}

function alertText({ rule, level, fields }: RuleMatch): string {
  const because = fields.map(({ field, value }) => `${field}=${JSON.stringify(value.slice(0, 80))}`);
  return `${plainText(`alert ${level}: ${rule.title} (${because.join(", ")})`)}\n`;
}

function traceText(entry: TraceEntry): string {
  const { stage, outcome, reason, output, set, notComputed, deleted } = entry;
  const lines = [
    `${stage}: ${outcome}${reason === undefined ? "" : `, ${reason}`}`,
    ...(output === undefined ? [] : [`  result ${toJson(output)}`]),
    ...set.map(({ path, value }) => `  set ${path} = ${toJson(value)}`),
    ...notComputed.map(({ path, reason: why }) => `  not set ${path}: ${why}`),
    ...deleted.map((path) => `  deleted ${path}`),
  ];
  return lines.map((line) => `# ${plainText(plainJson(line))}\n`).join("");
}
