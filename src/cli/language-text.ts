import type { FilterDefinition, MethodDefinition, TestDefinition } from "../ecs/contract/function.ts";
import type { StageDefinition } from "../ecs/contract/stage.ts";
import { FUNCTIONS } from "../ecs/engine.ts";
import { STAGES } from "../ecs/stages/stage-list.ts";

const METHODS = { str: "text", list: "list", dict: "dict" } as const;

/** The format language's filters, tests, methods, globals and stages, each with its examples. */
export function languageText(): string {
  const { filters, tests, methods } = FUNCTIONS;
  const methodsOn = (on: MethodDefinition["on"]): MethodDefinition[] =>
    methods.filter((method) => method.on === on);
  return [
    section("Filters", filters.map(functionText)),
    section("Tests", tests.map(functionText)),
    ...(["str", "list", "dict"] as const).map((on) =>
      section(`Methods of a ${METHODS[on]}`, methodsOn(on).map(functionText)),
    ),
    section("Globals", methodsOn("global").map(functionText)),
    section("External stages", STAGES.map(stageText)),
  ].join("\n");
}

function section(title: string, entries: readonly string[]): string {
  return `${title}\n${"=".repeat(title.length)}\n${entries.join("")}`;
}

function functionText({
  name,
  summary,
  examples,
}: FilterDefinition | TestDefinition | MethodDefinition): string {
  const lines = examples.map(({ title, expression, result, fault }) => {
    const shown = fault ? "cannot be computed" : result === undefined ? "undefined" : JSON.stringify(result);
    return `    {{ ${expression} }}  →  ${shown}  (${title})\n`;
  });
  return `${name}: ${summary}\n${lines.join("")}`;
}

function stageText({ name, summary, properties, examples }: StageDefinition): string {
  const lines = [
    ...properties.map((property) => `    ${property.name} (${property.kind}): ${property.summary}\n`),
    ...examples.map(({ title, properties: given, input, result }) => {
      const settings = Object.keys(given).length === 0 ? "" : ` with ${JSON.stringify(given)}`;
      return `    ${JSON.stringify(input)}${settings}  →  ${JSON.stringify(result)}  (${title})\n`;
    }),
  ];
  return `${name}: ${summary}\n${lines.join("")}`;
}
