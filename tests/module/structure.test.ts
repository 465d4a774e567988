import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** For each rule of the structure: a file that breaks it, and what that file imports. */
const VIOLATIONS: Readonly<Record<string, readonly [from: string, imported: string]>> = {
  "no-cycle": ["kernel/first.ts", "kernel/second.ts"],
  resolvable: ["kernel/lost.ts", "./nowhere.ts"],
  "kernel-imports-nothing-of-ours": ["kernel/a.ts", "connector/contract.ts"],
  "connector-rooms-are-apart": ["connector/chunks/a.ts", "connector/intake/client.ts"],
  "endpoint-sees-the-kernel": ["connector/endpoint/a.ts", "connector/hub/consumer.ts"],
  "scan-sees-nothing": ["connector/scan/a.ts", "kernel/clock.ts"],
  "preflight-is-apart": ["preflight/a.ts", "connector/intake/client.ts"],
  "connector-is-apart": ["connector/a.ts", "preflight/checks.ts"],
  "contract-is-types": ["connector/contract.ts", "kernel/clock.ts"],
  "ecs-contract-sees-itself": ["ecs/contract/a.ts", "ecs/run/run.ts"],
  "platform-is-apart": ["platform/a.ts", "connector/hub/consumer.ts"],
  "ecs-rooms-are-apart": ["ecs/source/a.ts", "ecs/run/run.ts"],
  "ecs-base-rooms-see-the-contract": ["ecs/values/a.ts", "ecs/run/run.ts"],
  "ecs-is-apart": ["ecs/a.ts", "rules/engine.ts"],
  "ecs-rooms-are-pure": ["ecs/run/b.ts", "node:fs"],
  "yaml-sees-the-kernel": ["yaml/a.ts", "ecs/engine.ts"],
  "rules-rooms-are-apart": ["rules/source/a.ts", "rules/match/match.ts"],
  "rules-are-apart": ["rules/a.ts", "ecs/engine.ts"],
  "rules-rooms-are-pure": ["rules/match/b.ts", "node:fs"],
  "pure-connector-rooms": ["connector/records/b.ts", "node:fs"],
  "studio-server-sees-what-it-drives": ["studio/server/a.ts", "platform/run-module.ts"],
  "local-is-apart": ["local/a.ts", "app/forward.ts"],
  "connector-is-seen-by-app": ["cli/b.ts", "connector/pipeline.ts"],
  "platform-is-seen-by-app": ["local/b.ts", "platform/run-module.ts"],
  "cli-has-the-last-word": ["app/a.ts", "cli/program.ts"],
  "studio-contract-is-apart": ["studio/contract/a.ts", "kernel/clock.ts"],
  "studio-page-is-apart": ["studio/ui/a.ts", "local/stack.ts"],
  "studio-is-for-the-command-line": ["app/b.ts", "studio/server/studio.ts"],
  "event-hubs-stays-in-its-room": ["app/c.ts", "@azure/event-hubs"],
  "rhea-stays-in-its-rooms": ["app/d.ts", "rhea"],
  "blobs-stay-in-their-rooms": ["app/e.ts", "@azure/storage-blob"],
  "axios-stays-in-its-rooms": ["app/f.ts", "axios"],
  "identity-stays-in-its-room": ["app/g.ts", "@azure/identity"],
  "web-sockets-stay-in-their-rooms": ["app/h.ts", "ws"],
  "ajv-stays-in-its-room": ["app/i.ts", "ajv"],
  "metrics-stay-in-their-room": ["app/j.ts", "prom-client"],
  "log-lines-stay-in-their-room": ["app/k.ts", "pino"],
  "yaml-stays-in-its-room": ["app/l.ts", "yaml"],
  "commander-stays-in-its-room": ["app/m.ts", "commander"],
  "hono-stays-in-its-room": ["app/n.ts", "hono"],
  "sqlite-stays-in-its-rooms": ["app/o.ts", "node:sqlite"],
};

/** Its path from here; as a value, so that nobody asks for its types. */
const CONFIG: string = "../../.dependency-cruiser.js";

interface Config {
  readonly default: { readonly forbidden: readonly { readonly name: string }[] };
}

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { name: string } }[];
  };
}

test("every rule of the structure has a violation here", async () => {
  const { default: config } = (await import(CONFIG)) as Config;
  expect(Object.keys(VIOLATIONS).sort()).toEqual(config.forbidden.map(({ name }) => name).sort());
});

test("npm run arch catches one violation of each rule", { timeout: 120_000 }, async () => {
  const root = await mkdtemp(join(tmpdir(), "structure-"));
  try {
    await plant(root);
    const { violations } = (await cruise(root)).summary;
    for (const [rule, [from]] of Object.entries(VIOLATIONS)) {
      const caught = violations.filter((violation) => violation.rule.name === rule).map((it) => it.from);
      expect(caught, rule).toContain(`src/${from}`);
    }
  } finally {
    await rm(root, { recursive: true });
  }
});

/** A tree with nothing in it but the files that break the rules and those that they import. */
async function plant(root: string): Promise<void> {
  const files = new Map<string, string>([
    ["package.json", '{ "type": "module" }'],
    ["tsconfig.json", await readFile("tsconfig.json", "utf8")],
    [".dependency-cruiser.js", await readFile(".dependency-cruiser.js", "utf8")],
    ["src/kernel/second.ts", 'import "./first.ts";\n'],
  ]);
  const imports = Object.values(VIOLATIONS);
  for (const [from, imported] of imports) {
    if (imported.includes(":") || imported.startsWith(".")) {
      files.set(`src/${from}`, `import "${imported}";\n`);
    } else if (imported.endsWith(".ts")) {
      const path = relative(dirname(from), imported);
      files.set(`src/${from}`, `import "${path.startsWith(".") ? path : `./${path}`}";\n`);
    } else {
      files.set(`src/${from}`, `import "${imported}";\n`);
      files.set(`node_modules/${imported}/package.json`, `{ "name": "${imported}", "main": "index.js" }`);
      files.set(`node_modules/${imported}/index.js`, "");
    }
  }
  for (const [, imported] of imports) {
    if (imported.endsWith(".ts") && !imported.startsWith(".") && !files.has(`src/${imported}`)) {
      files.set(`src/${imported}`, "export {};\n");
    }
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function cruise(root: string): Promise<Report> {
  const command = join(process.cwd(), "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const args = [command, "src", "--config", ".dependency-cruiser.js", "--output-type", "json"];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    maxBuffer: 64 << 20,
  }).catch((error: { stdout: string }) => error);
  return JSON.parse(stdout) as Report;
}
