/** Writes docs/functions.md from the functions' and stages' own examples: `node scripts/functions-doc.ts`. */
import { writeFileSync } from "node:fs";
import type { FunctionExample } from "../src/ecs/contract/function.ts";
import type { StageDefinition } from "../src/ecs/contract/stage.ts";
import { FUNCTIONS } from "../src/ecs/engine.ts";
import { STAGES } from "../src/ecs/stages/stage-list.ts";

type Documented = { name: string; summary: string; examples: readonly FunctionExample[] };

/** The page as Markdown. */
export function functionsPage(): string {
  const { filters, tests, methods } = FUNCTIONS;
  const on = (type: string): Documented[] => methods.filter((method) => method.on === type);
  return [
    "# The functions of the format language\n\nGenerated from the functions' own examples, which the tests run: `node scripts/functions-doc.ts`.\n",
    section("Filters", filters),
    section("Tests", tests),
    section("Methods of a text", on("str")),
    section("Methods of a list", on("list")),
    section("Methods of a dict", on("dict")),
    section("Functions without a value before them", on("global")),
    `## External stages\n\n${STAGES.map(stage).join("\n")}`,
  ].join("\n");
}

function section(title: string, functions: readonly Documented[]): string {
  const rows = functions.flatMap(({ name, summary, examples }) =>
    examples.map((example, i) => {
      const head = i === 0 ? `${code(name)} | ${cell(summary)}` : " | ";
      return `| ${head} | ${code(`{{ ${example.expression} }}`)} | ${resultOf(example)} |`;
    }),
  );
  return `## ${title}\n\n| name | what it does | example | result |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

function resultOf({ result, fault }: FunctionExample): string {
  if (fault === true) {
    return "cannot be computed";
  }
  return result === undefined ? "undefined" : code(JSON.stringify(result));
}

function stage({ name, summary, properties, examples }: StageDefinition): string {
  const lines = [
    ...properties.map((property) => `- ${code(property.name)} (${property.kind}): ${property.summary}`),
    ...examples.map(({ title, properties: given, input, result }) => {
      const settings = Object.keys(given).length === 0 ? "" : ` with ${code(JSON.stringify(given))}`;
      return `- ${title}: ${code(JSON.stringify(input))}${settings} → ${code(JSON.stringify(result))}`;
    }),
  ];
  return `### ${name}\n\n${summary}\n\n${lines.join("\n")}\n`;
}

function code(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  return cell(`${fence}${text}${fence}`);
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/functions.md", import.meta.url), functionsPage());
}
