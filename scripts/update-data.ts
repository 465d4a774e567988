import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { fieldsModule, userAgentsModule } from "./data-modules.ts";
import { readEcsTable, readPlatformTable } from "./field-tables.ts";
import { compactUserAgentRules } from "./user-agent-rules.ts";

/**
 * Makes the modules of src/ecs/data again: user agents from the installed uap-core, and the field tables from the files given.
 *
 *     node scripts/update-data.ts [--ecs fields.csv] [--platform fields.csv]
 */
const { values } = parseArgs({ options: { ecs: { type: "string" }, platform: { type: "string" } } });

const require = createRequire(import.meta.url);

function write(name: string, text: string): void {
  const target = new URL(`../src/ecs/data/${name}`, import.meta.url);
  writeFileSync(target, text);
  process.stdout.write(`src/ecs/data/${name}: ${Buffer.byteLength(text)} bytes\n`);
}

if (values.ecs !== undefined) {
  write("ecs-fields.ts", fieldsModule("ECS", readEcsTable(readFileSync(values.ecs, "utf8"))));
}
if (values.platform !== undefined) {
  write(
    "platform-fields.ts",
    fieldsModule("PLATFORM", readPlatformTable(readFileSync(values.platform, "utf8"))),
  );
}
const rules = compactUserAgentRules(readFileSync(require.resolve("uap-core/regexes.yaml"), "utf8"));
const { version }: { version: string } = require("uap-core/package.json");
write("user-agents.ts", userAgentsModule(rules, version));
