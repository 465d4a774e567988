import type { Command } from "commander";
import { counted } from "../kernel/counted.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { type RuleFileResult, testRules } from "../rules/conformance.ts";
import type { Dialect, RuleInfo } from "../rules/contract.ts";
import { compileRules } from "../rules/engine.ts";
import { loadTests } from "../rules/load.ts";
import { diagnosticsText } from "./format-diagnostics.ts";
import { dialectOf, readDialect, rulesBelow, usableRules } from "./rule-folder.ts";
import { type Streams, writeText } from "./streams.ts";

type RuleOptions = { readonly dialect?: Dialect; readonly json?: true };

/** Adds `rules list|show|check|test`. */
export function registerRules(program: Command, streams: Streams = process): void {
  const rules = program
    .command("rules")
    .summary("detection rules: list, show, check and test them")
    .description(
      "Lists, shows, checks and tests Sigma rules: the built-in ones, or those in files and folders.\n" +
        "Exit code: 0 fine, 1 if a rule or a test failed, 2 if a file cannot be used.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake rules list\n" +
        "  $ npx eventhub-intake rules check my-rule.yml --dialect platform\n" +
        "  $ npx eventhub-intake rules test ./my-rules\n",
    );
  const command = (name: string, summary: string, ...args: string[]): Command => {
    const added = rules.command(name).summary(summary);
    for (const argument of args) {
      added.argument(argument);
    }
    return added.option(
      "--dialect <NAME>",
      "standard (Sigma 2.1) or platform; built-in rules are platform",
      readDialect,
    );
  };

  command("list", "each rule's level, effort and title", "[PATH...]")
    .option("--json", "as JSON")
    .action(async (paths: string[], { dialect, json }: RuleOptions) => {
      const { infos } = await usableRules(orBuiltIn(paths), dialect, streams.stderr);
      const text = json ? `${JSON.stringify(infos, null, 2)}\n` : infos.map(listLine).join("");
      await writeText(streams.stdout, text);
    });

  command("show", "a rule's description, references and tags", "<NAME>", "[PATH...]").action(
    async (name: string, paths: string[], { dialect }: RuleOptions) => {
      const { infos } = await usableRules(orBuiltIn(paths), dialect, streams.stderr);
      const wanted = name.toLowerCase();
      const found = infos.find((info) =>
        [info.name, info.id, info.title].some((each) => each?.toLowerCase() === wanted),
      );
      if (found === undefined) {
        throw new InputInvalid(
          `there is no rule ${name}; run npx eventhub-intake rules list to see their names`,
        );
      }
      await writeText(streams.stdout, infoText(found));
    },
  );

  command("check", "errors in rules, with line and hint", "<PATH...>").action(
    async (paths: string[], { dialect }: RuleOptions) => {
      const compiled = compileRules(rulesBelow(paths), { dialect: dialectOf(paths, dialect) });
      const errors = compiled.diagnostics.filter(({ severity }) => severity === "error").length;
      const warnings = compiled.diagnostics.length - errors;
      await writeText(streams.stderr, diagnosticsText(compiled.diagnostics));
      const count = compiled.rules.infos.length;
      await writeText(
        streams.stdout,
        `${counted(count, "rule")} fine, ${counted(errors, "error")}, ${counted(warnings, "warning")}\n`,
      );
      if (errors > 0) {
        process.exitCode = 1;
      }
    },
  );

  command("test", "runs the tests beside the rules (NAME.test.json)", "<PATH...>")
    .option("--json", "the results as JSON")
    .action(async (paths: string[], { dialect, json }: RuleOptions) => {
      const files = rulesBelow(paths);
      const results = files.map((file) => testRules(file, loadTests(file.name), dialectOf(paths, dialect)));
      const isPassed = await tellResults(results, json ?? false, streams);
      if (!isPassed) {
        process.exitCode = 1;
      }
    });
}

function orBuiltIn(paths: readonly string[]): readonly string[] {
  return paths.length === 0 ? ["builtin"] : paths;
}

async function tellResults(
  results: readonly RuleFileResult[],
  isJson: boolean,
  { stdout, stderr }: Streams,
): Promise<boolean> {
  const cases = results.flatMap(({ cases: ofFile }) => ofFile);
  const failed = cases.filter(({ problem }) => problem !== undefined).length;
  const passed = cases.length - failed;
  const errors = results
    .flatMap(({ diagnostics }) => diagnostics)
    .filter(({ severity }) => severity === "error");
  if (isJson) {
    await writeText(stdout, `${JSON.stringify({ passed, failed, files: results }, null, 2)}\n`);
    return failed + errors.length === 0;
  }
  for (const { file, diagnostics, cases: ofFile } of results) {
    await writeText(stderr, diagnosticsText(diagnostics));
    for (const { name, problem } of ofFile) {
      await writeText(stdout, problem === undefined ? "" : `${file}: ${name} ${problem}\n`);
    }
  }
  await writeText(stdout, `${passed} passed, ${failed} failed\n`);
  return failed + errors.length === 0;
}

function listLine({ level, effort, title, name }: RuleInfo): string {
  return `${level.padEnd(13)} ${(effort ?? "").padEnd(12)} ${title}  (${name})\n`;
}

function infoText(info: RuleInfo): string {
  const { logsource, description = "" } = info;
  const source = Object.entries(logsource).map(([key, value]) => `${key} ${value}`);
  const lines: readonly (readonly [string, string | undefined])[] = [
    ["name", info.name],
    ["id", info.id],
    ["kind", info.kind],
    ["level", info.level],
    ["effort", info.effort],
    ["status", info.status],
    ["author", info.author],
    ["date", info.date],
    ["source", source.length === 0 ? "any" : source.join(", ")],
    ["tags", info.tags.join(", ")],
    ["false positives", info.falsePositives.join("; ")],
    ["references", info.references.join(" ")],
  ];
  const told = lines.filter(([, value]) => value !== undefined && value !== "");
  return `${info.title}\n\n${description}\n\n${told.map(([key, value]) => `${key}: ${value}\n`).join("")}`;
}
