import { compactTable, type FieldTable } from "./field-tables.ts";
import type { CompactRules } from "./user-agent-rules.ts";

const HEADER =
  "// Made by scripts/update-data.ts; docs/data.md names the source, its release and its licence.\n";

/** The text of a module of src/ecs/data that holds a field table. */
export function fieldsModule(name: string, table: FieldTable): string {
  const types = Object.entries(compactTable(table.types)).map(
    ([type, lines]) => `  ${JSON.stringify(type)}: \`\n${lines.join("\n")}\n\`,\n`,
  );
  const release =
    table.release === ""
      ? ""
      : `/** The release of the table. */\nexport const ${name}_RELEASE = ${JSON.stringify(table.release)};\n\n`;
  return `${HEADER}
${release}/** Type → its fields, one line a parent: the parent's path (\`-\` for the root), then the names below it. */
export const ${name}_FIELDS: Readonly<Record<string, string>> = {
${types.join("")}};
`;
}

/** The text of the module of src/ecs/data that holds the user-agent rules. */
export function userAgentsModule(rules: CompactRules, release: string): string {
  const list = (name: string, entries: CompactRules["agents"]): string =>
    `  ${name}: [\n${entries.map((rule) => `    ${JSON.stringify(rule)},\n`).join("")}  ],\n`;
  return `${HEADER}
/** The release of uap-core that the rules come from. */
export const USER_AGENT_RELEASE = ${JSON.stringify(release)};

/**
 * Lists of texts in lower case, of each of which a match holds at least one; the pattern; the replacements of its groups
 * (name, then the parts of the version), in which \`$1\` is a group.
 */
export type UserAgentRule = readonly [requiredLiterals: readonly (readonly string[])[], pattern: string, ...replacements: string[]];

export const USER_AGENT_RULES: Readonly<Record<"agents" | "systems" | "devices", readonly UserAgentRule[]>> = {
${list("agents", rules.agents)}${list("systems", rules.systems)}${list("devices", rules.devices)}};
`;
}
