import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { readGuide } from "../ecs/guide.ts";
import { bundledFolders } from "../ecs/load.ts";
import { counted } from "../kernel/counted.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { formatFolder } from "./format-folder.ts";
import { guideText } from "./format-guide.ts";
import { skeletonFiles } from "./format-skeleton.ts";
import { registerFormatsTest } from "./formats-test.ts";
import { languageText } from "./language-text.ts";
import { stopSignal } from "./stop-signal.ts";
import { type Streams, writeText } from "./streams.ts";

/** Adds `formats list|show|test|functions`. */
export function registerFormats(program: Command, streams: Streams = process, listen = stopSignal): void {
  const formats = program
    .command("formats")
    .summary("intake formats: list, show, create and test them")
    .description(
      "Lists and shows the bundled formats, creates new ones, runs the tests that formats bring along, and prints the " +
        "functions of the format language.\n" +
        "Exit code: 0 fine, 1 if a test failed or a format has an error, 2 if a format or folder cannot be used.",
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
    .argument("<NAME>", "a bundled format, or a format's folder")
    .option("--markdown", "as Markdown, for documentation")
    .action(async (name: string, options: { readonly markdown?: true }) => {
      await print(guideText(readGuide(formatFolder(name)), options.markdown ?? false));
    });

  registerFormatsTest(formats, streams, listen);

  formats
    .command("new")
    .summary("creates a working format with a test, to start from")
    .argument("<NAME>", "lower-case letters, digits and dashes; also names the folder")
    .action(async (name: string) => {
      createFormat(name);
      await print(
        `created ${name}; run npx eventhub-intake formats test ${name}, and read docs/format-language.md\n`,
      );
    });

  formats
    .command("functions")
    .summary("the functions and stages of the format language, with examples")
    .action(async () => {
      await print(languageText());
    });
}

/** @throws InputInvalid for a name that cannot be a dialect's, or a folder that exists. */
function createFormat(name: string): void {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new InputInvalid(
      `${name} cannot be the name of a format; use lower-case letters, digits and dashes`,
    );
  }
  if (existsSync(name)) {
    throw new InputInvalid(`${name} exists; name another format, or remove the folder`);
  }
  for (const [file, text] of skeletonFiles(name)) {
    mkdirSync(join(name, dirname(file)), { recursive: true });
    writeFileSync(join(name, file), text);
  }
}
