import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, Option } from "commander";
import { readOutputs, settingsTable, setupSteps } from "../app/setup.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { readJsonInput } from "./input-files.ts";
import { type Streams, writeText } from "./streams.ts";

type Options = {
  readonly project: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly principalId?: string;
  readonly outputs?: string;
  readonly as: "json" | "table" | "files";
  readonly folder?: string;
  readonly intakeKey?: string;
  readonly intakeServer?: string;
};

const INFRA = fileURLToPath(new URL("../../infra", import.meta.url));

/** Adds `setup`. */
export function registerSetup(program: Command, streams: Streams = process): void {
  program
    .command("setup")
    .summary("the commands that create everything in Azure, and the settings for it")
    .description(
      "Prints the az commands for steps 1 to 9 of docs/setup-intune.md, without running them.\n" +
        "With --outputs, prints the trigger's settings, filled in from the deployment. They contain keys.\n" +
        "Exit code: 0, or 2 if something is missing from the outputs.",
    )
    .option("--project <NAME>", "a name for the Azure resources", "intune")
    .option("--resource-group <NAME>", "the resource group, created if missing", "eventhub-intake")
    .option("--location <REGION>", "the Azure region", "westeurope")
    .option("--principal-id <ID>", "the identity that gets roles; without it, the settings contain keys")
    .option("--outputs <FILE>", "the deployment's outputs as JSON")
    .addOption(
      new Option("--as <FORM>", "with --outputs: one JSON file, the guide's table, or the platform's files")
        .choices(["json", "table", "files"])
        .default("json"),
    )
    .option("--folder <DIR>", "with --as files: where to write the files")
    .option("--intake-key <KEY>", "with --outputs: the intake key to put into the settings")
    .option("--intake-server <URL>", "with --outputs: the intake's address, for regions other than FRA1")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake setup --project company --location francecentral\n" +
        "  $ npx eventhub-intake setup --outputs outputs.json --as table\n" +
        "  $ npx eventhub-intake setup --outputs outputs.json --as files --folder ./symphony --intake-key KEY\n",
    )
    .action(async (options: Options) => {
      const text =
        options.outputs === undefined ? commandsText(options) : filledText(options, options.outputs);
      await writeText(streams.stdout, text);
    });
}

function commandsText({ project, resourceGroup, location, principalId }: Options): string {
  return setupSteps({ project, resourceGroup, location, principalId, infraFolder: INFRA })
    .map(({ title, command }, index) => `# ${index + 1}. ${title}\n${command}\n`)
    .join("\n");
}

function filledText({ as: form, folder, intakeKey, intakeServer }: Options, file: string): string {
  const settings = readOutputs(readJsonInput(file));
  const all = {
    ...settings,
    ...(intakeKey !== undefined && { intake_key: intakeKey }),
    ...(intakeServer !== undefined && { intake_server: addressOf(intakeServer) }),
  };
  switch (form) {
    case "table":
      return settingsTable(settings);
    case "json":
      return `${JSON.stringify(all, null, 2)}\n`;
    case "files":
      if (folder === undefined) {
        throw new InputInvalid("--as files needs the folder to write to: --folder DIR");
      }
      return writeFiles(folder, all);
  }
}

/** @throws InputInvalid for anything but an address. */
function addressOf(text: string): string {
  const protocol = URL.parse(text)?.protocol;
  if (protocol !== "https:" && protocol !== "http:") {
    throw new InputInvalid(`${text} is not an address; give one such as https://intake.sekoia.io`);
  }
  return text;
}

/** The platform's files, readable by their owner alone. @returns what was written, without a value of it. */
function writeFiles(folder: string, settings: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  const files = { module_configuration: {}, trigger_configuration: settings };
  return Object.entries(files)
    .map(([name, value]) => {
      const path = join(folder, name);
      // A file that is there would keep its mode.
      rmSync(path, { force: true });
      writeFileSync(path, JSON.stringify(value, null, 2), { mode: 0o600 });
      return `${path}\n`;
    })
    .join("");
}
