import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { registerCompletion } from "../../src/cli/completion.ts";
import { createProgram } from "../../src/cli/program.ts";
import { runCommand } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "completion-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function scriptFor(shell: string): Promise<string> {
  const program = createProgram();
  return runCommand(
    (_test, streams) => {
      registerCompletion(Object.assign(_test, { name: () => program.name() }), streams);
      for (const command of program.commands) {
        if (command.name() !== "completion") {
          _test.addCommand(command);
        }
      }
    },
    ["completion", shell],
  );
}

/** What bash offers for a line that ends where the cursor is. */
async function offered(line: string): Promise<readonly string[]> {
  const script = join(folder, "bash");
  writeFileSync(script, await scriptFor("bash"));
  const words = line.split(" ");
  const typed = words.map((word) => `'${word}'`).join(" ");
  const ask = `source '${script}'; COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _eventhub_intake; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync("bash", ["--norc", "-c", ask], { encoding: "utf8", cwd: folder });
  return printed.split("\n").filter((word) => word !== "");
}

test.each([
  { name: "commands", line: "eventhub-intake de", words: ["deadletter"] },
  {
    name: "commands below a command",
    line: "eventhub-intake deadletter ",
    words: expect.arrayContaining(["list", "show", "replay", "--help"]),
  },
  { name: "options after values and files", line: "eventhub-intake setup --project a --as", words: ["--as"] },
  {
    name: "the choices of an option",
    line: "eventhub-intake setup --as ",
    words: ["json", "table", "files"],
  },
  { name: "the choices of an argument", line: "eventhub-intake completion f", words: ["fish"] },
  { name: "files where an option takes anything", line: "eventhub-intake run --config ba", words: ["bash"] },
  { name: "files where nothing else fits", line: "eventhub-intake send ba", words: ["bash"] },
])("bash completes $name", async ({ line, words }) => {
  expect(await offered(line)).toEqual(words);
});

test("every shell's script names every command and option", async () => {
  const program = createProgram();
  for (const shell of ["bash", "zsh", "fish"]) {
    const script = await scriptFor(shell);
    for (const command of program.commands) {
      expect(script).toContain(command.name());
      for (const { long } of command.options) {
        expect(script, `${shell}: ${command.name()}`).toContain(
          shell === "fish" ? `-l ${long?.slice(2)}` : long,
        );
      }
    }
  }
});

test("a shell without a script is refused", async () => {
  await expect(scriptFor("powershell")).rejects.toThrow(/Allowed choices are bash, zsh, fish/);
});
