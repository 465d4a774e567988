import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

const readme = readFileSync("README.md", "utf8");
const commands = createProgram().commands.map((command) => ({ name: command.name(), command }));

test.each(commands)(
  "$name teaches: what it does, its exit codes and examples, and README names it",
  (entry) => {
    const { name, command } = entry;
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    expect(help).toMatch(/^Exit code: /m);
    expect(help).toMatch(/^Examples?:\n {2}\$ npx eventhub-intake /m);
    expect(help).toContain(`$ npx eventhub-intake ${name}`);
    expect(readme).toMatch(new RegExp(`^\\| (?:.*, )?\`${name}[ \`].*\\|`, "m"));
  },
);

test.each([
  { name: "help", args: ["--help"], code: 0, told: /^Usage: eventhub-intake/ },
  { name: "no command", args: [], code: 2, told: /^Usage: eventhub-intake/ },
  { name: "an unknown command", args: ["nothing"], code: 2, told: /unknown command 'nothing'/ },
  { name: "an unknown option", args: ["local", "--nothing"], code: 2, told: /unknown option '--nothing'/ },
  { name: "a wrong port", args: ["hub", "--port", "x"], code: 2, told: /Give a number from 0/ },
  {
    name: "a missing file",
    args: ["hub", "--config", "none.json"],
    code: 2,
    told: /none\.json cannot be read/,
  },
  {
    name: "a folder where files belong",
    args: ["parse", "--format", "microsoft-intune", "docs"],
    code: 2,
    told: /docs is a folder/,
  },
  {
    name: "a replay whose end is before its start",
    args: ["replay", "--from", "2026-11-25", "--to", "2026-11-24"],
    code: 2,
    told: /--from must be earlier than --to/,
  },
  {
    name: "a database that is something else",
    args: ["intake", "--database", "docs/images/studio-runs.png"],
    code: 2,
    told: /cannot open its database docs.*file is not a database/,
  },
])("$name ends with exit code $code", async ({ args, code, told }) => {
  const run = promisify(execFile)(process.execPath, ["src/cli/main.ts", ...args]);
  const outcome: { code?: number; stdout: string; stderr: string } = await run.catch((error) => error);
  expect(outcome.code ?? 0).toBe(code);
  expect(outcome.stdout + outcome.stderr).toMatch(told);
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
});

test("a description breaks its lines between sentences alone, so that a terminal of any width wraps it well", () => {
  const program = createProgram();
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    for (const line of command.description().split("\n")) {
      expect(line, command.name()).toMatch(/^$|[.:]$/);
    }
  }
});
