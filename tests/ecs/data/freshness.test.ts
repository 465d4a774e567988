import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { userAgentsModule } from "../../../scripts/data-modules.ts";
import { compactUserAgentRules } from "../../../scripts/user-agent-rules.ts";
import { USER_AGENT_RELEASE } from "../../../src/ecs/data/user-agents.ts";

const require = createRequire(import.meta.url);

test("the user-agent rules are those of the installed uap-core", () => {
  const { version } = require("uap-core/package.json");
  const rules = compactUserAgentRules(readFileSync(require.resolve("uap-core/regexes.yaml"), "utf8"));
  const module = readFileSync(new URL("../../../src/ecs/data/user-agents.ts", import.meta.url), "utf8");
  expect(USER_AGENT_RELEASE, "run: node scripts/update-data.ts").toBe(version);
  expect(module === userAgentsModule(rules, version), "run: node scripts/update-data.ts").toBe(true);
});
