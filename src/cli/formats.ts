import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { type FormatResult, testFormats } from "../ecs/conformance.ts";
import { readGuide } from "../ecs/guide.ts";
import { bundledFolders } from "../ecs/load.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { diagnosticsText } from "./format-diagnostics.ts";
import { formatFolder, formatsBelow } from "./format-folder.ts";
import { guideText } from "./format-guide.ts";
import { skeletonFiles } from "./format-skeleton.ts";
import { languageText } from "./language-text.ts";
import { counted } from "./numbers.ts";
import { type Streams, writeText } from "./streams.ts";

type TestOptions = { readonly json?: true; readonly now: Date };

/** Adds `formats list|show|test|functions`. */
export function registerFormats(program: Command, streams: Streams = process): void {
  const formats = program
    .command("formats")
    .summary("what the intake formats are, and whether they hold")
    .description(
      "Lists and shows the bundled formats, runs formats' own tests, and prints the format language.\n" +
        "Exit code: 0 fine, 1 when a test failed, 2 when a format or a folder cannot be used.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake formats show microsoft-intune\n" +
        "  $ npx eventhub-intake formats test ./my-formats --json\n",
    );
  const print = (text: string): Promise<void> => writeText(streams.stdout, text);

  formats
    .command("list")
    .summary("the bundled formats")
    .action(async () => {
      for (const folder of bundledFolders()) {
        const { manifest, samples } = readGuide(folder);
        await print(
          `${basename(folder)}  ${manifest.uuid}  ${manifest.name}, ${counted(samples.length, "test")}\n`,
        );
      }
    });

  formats
    .command("show")
    .summary("event categories, samples and extracted fields of a format")
    .argument("<NAME>", "a bundled format, or the folder of one")
    .option("--markdown", "as Markdown, for documentation")
    .action(async (name: string, options: { readonly markdown?: true }) => {
      await print(guideText(readGuide(formatFolder(name)), options.markdown ?? false));
    });

  formats
    .command("test")
    .summary("runs the tests of every format below the folders")
    .description(
      "Runs the tests of every format below the folders and names each case that fails, with the first path that\n" +
        "differs; what is wrong with the formats' files goes to standard error.\n" +
        "Exit code: 0 when all passed, 1 when some failed, 2 when a folder holds no format.",
    )
    .argument("<DIR...>", "folders that hold formats, at any depth")
    .option("--json", "the results as JSON")
    .option("--now <TIME>", "the current time (ISO 8601), for dates without a year", timeOf, new Date())
    .action(async (folders: string[], options: TestOptions) => {
      const isPassed = await runTests(formatsBelow(folders), options, streams);
      if (!isPassed) {
        process.exitCode = 1;
      }
    });

  formats
    .command("new")
    .summary("a format that works, has a test, and is to be changed")
    .argument("<NAME>", "small letters, digits and dashes; also the folder's name")
    .action(async (name: string) => {
      createFormat(name);
      await print(`${name}: made; run \`formats test ${name}\`, and read docs/format-language.md\n`);
    });

  formats
    .command("functions")
    .summary("the functions and stages of the format language, with examples")
    .action(async () => {
      await print(languageText());
    });
}

async function runTests(
  folders: readonly string[],
  { json, now }: TestOptions,
  { stdout, stderr }: Streams,
): Promise<boolean> {
  const results: FormatResult[] = [];
  for (const result of testFormats(folders, { now })) {
    results.push(result);
    if (!json) {
      await writeText(stderr, diagnosticsText(result.diagnostics));
      await writeText(stdout, failureText(result));
    }
  }
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ difference }) => difference !== undefined).length;
  const passed = cases.length - failed;
  await writeText(
    stdout,
    json
      ? `${JSON.stringify({ passed, failed, formats: results }, null, 2)}\n`
      : `${passed} passed, ${failed} failed\n`,
  );
  return failed === 0;
}

function failureText({ folder, cases }: FormatResult): string {
  return cases
    .flatMap(({ name, difference }) => {
      if (difference === undefined) {
        return [];
      }
      const { path, expected = "nothing", got = "nothing" } = difference;
      return [`${folder} ${name}: ${path}\n  expected ${expected}\n  got ${got}\n`];
    })
    .join("");
}

/** @throws InputInvalid for what is not a time. */
function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw new InputInvalid(`--now ${text} is not a time; write one such as 2026-01-31T12:00:00Z`);
  }
  return time;
}

/** @throws InputInvalid for a name that cannot be a dialect's, or a folder that exists. */
function createFormat(name: string): void {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new InputInvalid(`${name} cannot be a format's name; use small letters, digits and dashes`);
  }
  if (existsSync(name)) {
    throw new InputInvalid(`${name} exists; name another format, or remove the folder`);
  }
  for (const [file, text] of skeletonFiles(name)) {
    mkdirSync(join(name, dirname(file)), { recursive: true });
    writeFileSync(join(name, file), text);
  }
}
