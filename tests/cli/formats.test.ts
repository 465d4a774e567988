import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { afterAll, afterEach, expect, test } from "vitest";
import { registerFormats } from "../../src/cli/formats.ts";
import { InputInvalid } from "../../src/kernel/errors.ts";
import { runCommand } from "./run.ts";

const BUNDLED = fileURLToPath(new URL("../../formats", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "formats-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

const PARSER = `
name: own
pipeline:
  - name: date
    external: {name: date.parse, properties: {input_field: original.message, output_field: at}}
  - name: fields
stages:
  fields:
    actions:
      - set:
          "@timestamp": "{{date.at}}"
          event.kind: event
          own.note: "{{original.message}}"
`;

function write(path: string, content: unknown): void {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

write("own/ingest/parser.yml", PARSER);
write("own/_meta/fields.yml", "own.note:\n  name: own.note\n  type: keyword\n  description: A | B\n");
const passing = {
  "@timestamp": "2030-01-02T03:04:05Z",
  event: { kind: "event" },
  own: { note: "Jan  2 03:04:05" },
};
write("own/tests/right.json", { input: { message: "Jan  2 03:04:05" }, expected: passing });
write("own/tests/wrong.json", {
  input: { message: "Jan  2 03:04:05" },
  expected: { ...passing, own: { note: "other" }, user: { name: "ann" } },
});
mkdirSync(join(folder, "empty"));

const run = (...args: string[]): Promise<string> => runCommand(registerFormats, ["formats", ...args]);

test("formats list names the bundled formats", async () => {
  expect(await run("list")).toMatch(
    /^microsoft-intune {2}c20528c1-621e-4959-83ba-652eca2e8ed0 {2}Microsoft Intune, \d+ tests$/m,
  );
});

test.each(["microsoft-intune", "Microsoft Intune", join(BUNDLED, "microsoft-intune")])(
  "formats show %s prints the format's guide",
  async (name) => {
    const printed = await run("show", name);
    expect(printed).toContain("Event Categories\n----------------\n");
    expect(printed).toContain("Kind      event\nCategory\nType      info\n");
    expect(printed).toContain("\nnetwork.application               keyword  The application protocol of");
  },
);

test("formats show --markdown makes tables, and escapes their marks", async () => {
  const printed = await run("show", join(folder, "own"), "--markdown");
  expect(printed).toContain("| Kind | `event` |\n");
  expect(printed).toContain("| `own.note` | `keyword` | A \\| B |\n");
  expect(printed).toContain("### right\n\n```json\n{\n");
});

test("formats test names each failing case with all of its differences, and ends with the sum", async () => {
  const printed = await run("test", folder, BUNDLED, "--now", "2030-06-01T00:00:00Z");
  const own = join(folder, "own");
  expect(printed).toContain(`${own} wrong: own.note\n  expected "other"\n  got "Jan  2 03:04:05"\n`);
  expect(printed).toContain(`${own} wrong: user\n  expected {"name":"ann"}\n  got nothing\n`);
  expect(printed).toMatch(/\n\d+ passed, 1 failed\n$/);
  expect(process.exitCode).toBe(1);
});

test("formats test says when a field is missing", async () => {
  write("other/ingest/parser.yml", PARSER);
  write("other/tests/one.json", {
    input: { message: "x" },
    expected: { event: { kind: "event" }, user: { name: "ann" } },
  });
  const printed = await run("test", join(folder, "other"));
  expect(printed).toBe(
    `${join(folder, "other")} one: user\n  expected {"name":"ann"}\n  got nothing\n0 passed, 1 failed\n`,
  );
});

test("formats test freezes the year at --now", async () => {
  expect(await run("test", join(folder, "own"), "--now", "2031-06-01")).toMatch(/0 passed, 2 failed\n$/);
});

test("formats test passes the bundled formats", async () => {
  expect(await run("test", BUNDLED)).toMatch(/^\d+ passed, 0 failed\n$/);
  expect(process.exitCode).toBe(0);
});

test("formats test --json gives the results as JSON alone", async () => {
  const printed = await run("test", join(folder, "own"), "--json", "--now", "2030-06-01");
  expect(JSON.parse(printed)).toMatchObject({
    passed: 1,
    failed: 1,
    formats: [
      {
        name: "own",
        cases: [
          { name: "right" },
          { name: "wrong", differences: [{ path: "own.note", expected: '"other"' }, { path: "user" }] },
        ],
      },
    ],
  });
});

test("formats test --update shows what differs, and writes what the format made as the expectation", async () => {
  write("updated/ingest/parser.yml", PARSER);
  write("updated/tests/one.json", {
    input: { message: "x" },
    expected: { message: "y", sekoiaio: { intake: { dialect: "own" } }, user: { name: "ann" } },
    note: "kept",
  });
  write("updated/tests/two.json", { input: { message: "x" } });
  const updated = join(folder, "updated");
  const printed = await run("test", updated, "--update");
  expect(printed).toContain(`${updated} one: user\n  expected {"name":"ann"}\n  got nothing\n`);
  expect(printed).toMatch(/: 2 expectations written\n0 passed, 2 updated\n$/);
  const written = readFileSync(join(updated, "tests", "one.json"), "utf8");
  expect(JSON.parse(written)).toEqual({
    input: { message: "x" },
    expected: { message: "y", event: { kind: "event" }, sekoiaio: { intake: { dialect: "own" } } },
    note: "kept",
  });
  expect(written).toBe(`${JSON.stringify(JSON.parse(written), null, 2)}\n`);
  expect(await run("test", updated)).toBe("2 passed, 0 failed\n");
  expect(process.exitCode).toBe(0);
});

test("formats test --coverage tells what no test reaches, and what a stage takes", async () => {
  write(
    "covered/ingest/parser.yml",
    `name: covered
pipeline:
  - name: case
    external:
      name: grok.case_match
      properties:
        pattern_key: "{{ original.message[:1] }}"
        patterns:
          a: "a%{INT:n}"
          b: "b%{INT:n}"
  - name: never
    filter: "{{ case.message.n == '9' }}"
    external: { name: json.parse-json }
  - name: fields
stages:
  fields:
    actions:
      - set: { event.code: "{{ case.message.n }}" }
        filter: "{{ case.message.n == '1' }}"
`,
  );
  write("covered/tests/one.json", { input: { message: "a1" }, expected: { event: { code: "1" } } });
  const covered = join(folder, "covered");
  const printed = await run("test", covered, "--coverage");
  expect(printed).toContain(`${covered}: the tests reach 3 of 6 stages, filters and patterns\n`);
  expect(printed).toContain(
    "  ingest/parser.yml:10 pattern case b never matches\n" +
      "  ingest/parser.yml:11 stage never never matches\n" +
      "  ingest/parser.yml:12 filter never true\n",
  );
  expect(printed).toMatch(/^ {2}case \(grok\.case_match\): \d+ µs an event\n1 passed, 0 failed\n$/m);
});

test("formats test fails for a format with an error, and warns of one without a test", async () => {
  write("faulty/ingest/parser.yml", PARSER.replace("{{date.at}}", "{{ date.at | nosuch }}"));
  const errors: string[] = [];
  const faulty = join(folder, "faulty");
  const printed = await runCommand(registerFormats, ["formats", "test", faulty], "", errors);
  expect(printed).toBe("0 passed, 0 failed\n");
  expect(process.exitCode).toBe(1);
  expect(errors.join("")).toContain("error[unknown-filter]");
  expect(errors.join("")).toContain(
    `warning: ${faulty} has no test; put one into ${join(faulty, "tests")}\n`,
  );
});

test("formats test --watch runs again when a file changes", async () => {
  write("watched/ingest/parser.yml", PARSER);
  write("watched/tests/one.json", { input: { message: "x" }, expected: {} });
  const stop = new AbortController();
  const stdout = new PassThrough();
  const program = new Command("test").exitOverride();
  registerFormats(program, { stdin: Readable.from([""]), stdout, stderr: new PassThrough() }, () => ({
    signal: stop.signal,
    release: () => undefined,
  }));
  const ended = program.parseAsync(["formats", "test", join(folder, "watched"), "--watch"], { from: "user" });
  let printed = "";
  for await (const chunk of stdout) {
    printed += String(chunk);
    if (printed.endsWith("0 passed, 1 failed\nwaiting for a change; Ctrl-C ends it\n")) {
      write("watched/tests/one.json", { input: { message: "x" }, expected: { event: { kind: "event" } } });
    }
    if (printed.endsWith("1 passed, 0 failed\nwaiting for a change; Ctrl-C ends it\n")) {
      break;
    }
  }
  stop.abort();
  await ended;
  expect(printed).toContain('got {"kind":"event"}');
});

test.each([
  { name: "a missing folder", args: ["test", join(folder, "missing")], message: /is not a folder/ },
  { name: "a folder without formats", args: ["test", join(folder, "empty")], message: /holds no format/ },
  {
    name: "a time that is none",
    args: ["test", folder, "--now", "soon"],
    message: /--now soon is not a time/,
  },
  { name: "an unknown format", args: ["show", "nope"], message: /there is no format nope/ },
])("formats refuses $name", async ({ args, message }) => {
  const refused = run(...args);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toBeInstanceOf(InputInvalid);
});

test("formats functions lists functions and stages with their examples", async () => {
  const printed = await run("functions");
  expect(printed).toContain("Filters\n=======\n");
  expect(printed).toMatch(/^lower: .+\n {4}\{\{ .+ \| lower \}\} {2}→ {2}"/m);
  expect(printed).toMatch(/^json\.parse-json: /m);
  expect(printed).toMatch(/^Methods of a text$/m);
});
