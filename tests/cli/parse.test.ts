import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { registerParse } from "../../src/cli/parse.ts";
import { writeAll } from "../../src/cli/streams.ts";
import { InputInvalid } from "../../src/kernel/errors.ts";
import { runCommand } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "parse-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const INTUNE = ["parse", "--format", "microsoft-intune"];
const FIRST = '{"time":"2024-05-07T08:15:30Z","category":"AuditLogs","operationName":"A"}';
const SECOND = '{"time":"2024-05-07T08:15:31Z","category":"AuditLogs","operationName":"B","identity":"ann"}';

const actionsOf = (printed: string): unknown[] =>
  printed
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).action.name);

test.each([
  { name: "lines of standard input", args: [], input: `${FIRST}\n\n${SECOND}\n` },
  { name: "lines that end as on Windows, the last without end", args: [], input: `${FIRST}\r\n${SECOND}` },
  { name: "the lines of files", args: [written("1.log", `${FIRST}\n`), written("2.log", SECOND)], input: "" },
  { name: "a JSON array of events", args: ["--json-array"], input: `[${FIRST}, ${SECOND}]` },
  {
    name: "JSON over several lines as one event",
    args: [],
    input: `${JSON.stringify(JSON.parse(FIRST), null, 2)}\n${SECOND}\n`,
  },
  { name: "a JSON array of texts", args: ["--json-array"], input: JSON.stringify([FIRST, SECOND]) },
])("parse reads $name", async ({ args, input }) => {
  expect(actionsOf(await runCommand(registerParse, [...INTUNE, ...args], input))).toEqual(["A", "B"]);
});

test("parse keeps the raw event as the message, and prints one line an event", async () => {
  const printed = await runCommand(registerParse, INTUNE, `${SECOND}\n`);
  expect(JSON.parse(printed)).toEqual({
    message: SECOND,
    "@timestamp": "2024-05-07T08:15:31Z",
    event: { kind: "event", type: ["info"] },
    action: { name: "B", target: "user", type: "AuditLogs" },
    user: { name: "ann" },
    related: { user: ["ann"] },
  });
});

test("an event of a JSON array keeps its large integers and its floats", async () => {
  const printed = await runCommand(
    registerParse,
    [...INTUNE, "--json-array"],
    '[{"a":12345678901234567890,"b":1.0}]',
  );
  expect(JSON.parse(printed).message).toBe('{"a":12345678901234567890,"b":1.0}');
});

test("parse tells on standard error how many events a stage could not read", async () => {
  const errors: string[] = [];
  await runCommand(registerParse, INTUNE, `no JSON\n{\n${FIRST}\n`, errors);
  expect(errors.join("")).toMatch(/^2 of 3 events: stage `\w+` could not parse \(.+\)\n$/);
});

test("--trace tells before the event what each stage did", async () => {
  const printed = await runCommand(registerParse, [...INTUNE, "--trace"], `${FIRST}\n`);
  const lines = printed.trimEnd().split("\n");
  expect(lines).toContain("# log: ran");
  expect(lines).toContain('#   set action.name = "A"');
  expect(lines).toContainEqual(expect.stringMatching(/^# properties: failed, /));
  expect(lines).toContainEqual(expect.stringMatching(/^# {3}not set user\.roles: /));
  expect(lines.filter((line) => !line.startsWith("# "))).toHaveLength(1);
});

test("--trace tells what was deleted", async () => {
  const own = join(folder, "own", "ingest");
  mkdirSync(own, { recursive: true });
  const parser =
    "name: own\npipeline:\n  - name: a\nstages:\n  a:\n    actions:\n      - set:\n          user.name: x\n      - delete:\n          - user.name\n";
  writeFileSync(join(own, "parser.yml"), parser);
  const printed = await runCommand(
    registerParse,
    ["parse", "--format", join(folder, "own"), "--trace"],
    "e\n",
  );
  expect(printed).toContain("#   deleted user.name\n");
});

test.each([
  {
    name: "an unknown format",
    args: ["parse", "--format", "nope"],
    message: /there is no format nope: name one of microsoft-intune/,
  },
  {
    name: "a missing file",
    args: [...INTUNE, "missing.log"],
    message: /the file missing\.log does not exist/,
  },
  {
    name: "an array that is none",
    args: [...INTUNE, "--json-array"],
    message: /standard input holds no JSON array/,
  },
  {
    name: "a format whose parser file is not a map",
    args: ["parse", "--format", "BAD"],
    message: /cannot be used/,
  },
])("parse refuses $name", async ({ args, message }) => {
  mkdirSync(join(folder, "bad", "ingest"), { recursive: true });
  written("bad/ingest/parser.yml", "- 1\n");
  const given = args.map((arg) => (arg === "BAD" ? join(folder, "bad") : arg));
  const run = runCommand(registerParse, given, "{}");
  await expect(run).rejects.toThrow(message);
  await expect(run).rejects.toBeInstanceOf(InputInvalid);
});

test("parse tells on standard error what is wrong with a format, and parses with the rest of it", async () => {
  mkdirSync(join(folder, "half", "ingest"), { recursive: true });
  const parser = `name: half
pipeline:
  - name: a
stages:
  a:
    actions:
      - set:
          event.kind: event
          event.code: "{{original.message | lowr}}"
`;
  written("half/ingest/parser.yml", parser);
  const errors: string[] = [];
  const printed = await runCommand(registerParse, ["parse", "--format", join(folder, "half")], "x\n", errors);
  expect(JSON.parse(printed)).toEqual({ message: "x", event: { kind: "event" } });
  expect(errors.join("")).toMatch(/^error\[unknown-filter\]: .*lowr/);
  expect(errors.join("")).toContain("parser.yml:9:");
});

test("parse asks for a format", async () => {
  await expect(runCommand(registerParse, ["parse"])).rejects.toThrow(/--format/);
});

test("a reader that has seen enough ends parse without an error", async () => {
  const failure = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(failure) });
  await expect(writeAll(stdout, texts())).resolves.toBeUndefined();
});

test("a reader that fails otherwise is an error", async () => {
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error("disk full")) });
  await expect(writeAll(stdout, texts())).rejects.toThrow("disk full");
});

async function* texts(): AsyncGenerator<string> {
  for (let count = 0; count < 1000; count++) {
    yield await Promise.resolve("x".repeat(1000));
  }
}

const HIDDEN = "\u009b31m\u202eexe.txt";

test("controls and reversed text of an event reach the terminal as escapes, in events and in the trace", async () => {
  const event = JSON.stringify({ ...JSON.parse(FIRST), operationName: HIDDEN });
  const printed = await runCommand(registerParse, [...INTUNE, "--trace"], `${event}\n`);
  expect(printed).not.toMatch(/[\u0080-\u009f\u202a-\u202e]/);
  expect(
    actionsOf(
      printed
        .split("\n")
        .filter((line) => !line.startsWith("#"))
        .join("\n"),
    ),
  ).toEqual([HIDDEN]);
});

test("a dash is standard input", async () => {
  expect(actionsOf(await runCommand(registerParse, [...INTUNE, "-"], `${FIRST}\n`))).toEqual(["A"]);
});
