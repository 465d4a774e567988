import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerSetup } from "../../src/cli/setup.ts";
import { deploy, type Template } from "../infra/arm.ts";
import { runCommand } from "./run.ts";

const TEMPLATE: Template = JSON.parse(
  readFileSync(new URL("../../infra/azuredeploy.json", import.meta.url), "utf8"),
);
const PRINCIPAL = "11111111-2222-3333-4444-555555555555";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => runCommand(registerSetup, ["setup", ...args]);

/** The outputs as Azure prints them. */
function outputsOf(given: object): Record<string, { type: string; value: unknown }> {
  const { outputs } = deploy(TEMPLATE, { projectName: "company", ...given });
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, { type: "String", value }]),
  );
}

function outputsFile(content: unknown): string {
  const path = join(folder, "outputs.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** The words that a shell gives to `az`, call by call. */
function azCalls(script: string): string[][] {
  const log = join(folder, "az.log");
  rmSync(log, { force: true });
  const az = join(folder, "az");
  writeFileSync(
    az,
    `#!/bin/sh\nfor word in "$@"; do printf '%s\\n' "$word" >> '${log}'; done\necho -- >> '${log}'\ncase "$*" in *"--output tsv"*) echo "value of $9";; esac\n`,
    { mode: 0o700 },
  );
  execFileSync("sh", ["-e", "-c", script], { env: { PATH: `${folder}:/usr/bin:/bin` }, cwd: folder });
  return readFileSync(log, "utf8")
    .split("\n--\n")
    .filter((call) => call !== "")
    .map((call) => call.split("\n"));
}

test("the commands are those of a shell, whatever the names are", async () => {
  const project = 'my company\'s $(touch injected) `x` "y"';
  const printed = await run(
    "--project",
    project,
    "--resource-group",
    "group one",
    "--location",
    "francecentral",
  );
  const titles = printed.split("\n").filter((line) => line.startsWith("# "));
  expect(titles).toHaveLength(6);
  const commands = printed.split("\n").filter((line) => /^(az|.umask 077; az) /.test(line));
  const calls = azCalls(commands.join("\n"));
  expect(calls[0]).toEqual(["group", "create", "--name", "group one", "--location", "francecentral"]);
  expect(calls[1]?.slice(0, 7)).toEqual([
    "deployment",
    "group",
    "create",
    "--resource-group",
    "group one",
    "--name",
    "eventhub-intake",
  ]);
  const template = calls[1]?.[8] ?? "";
  expect(template).toMatch(/infra\/azuredeploy\.json$/);
  expect(existsSync(template)).toBe(true);
  expect(calls[1]?.slice(9)).toEqual(["--parameters", `projectName=${project}`]);
  const rest = calls.find((call) => call[0] === "rest") ?? [];
  expect(rest.slice(0, 3)).toEqual(["rest", "--method", "put"]);
  expect(rest[4]).toMatch(
    /^https:\/\/management\.azure\.com\/providers\/microsoft\.intune\/diagnosticSettings\//,
  );
  expect(JSON.parse(rest.at(-1) ?? "")).toEqual({
    properties: {
      eventHubAuthorizationRuleId: "value of properties.outputs.diagnostics_rule_id.value",
      eventHubName: "value of properties.outputs.hub_name.value",
      logs: ["AuditLogs", "OperationalLogs", "DeviceComplianceOrg", "Devices"].map((category) => ({
        category,
        enabled: true,
      })),
    },
  });
  expect(existsSync(join(folder, "injected"))).toBe(false);
});

test("with an identity, the deployment gets its id", async () => {
  const printed = await run("--principal-id", PRINCIPAL);
  expect(printed).toContain(` --parameters projectName=intune principalId=${PRINCIPAL}\n`);
});

test("the outputs become the settings as JSON, as the guide's table, and as the platform's files", async () => {
  const outputs = outputsOf({});
  const file = outputsFile(outputs);
  const region = "https://intake.mco1.sekoia.io/api/v1/intake-http";
  const given = ["--outputs", file, "--intake-key", "key-1"];
  const elsewhere = JSON.parse(await run(...given, "--intake-server", region));
  const json = JSON.parse(await run(...given));
  expect(elsewhere).toEqual({ ...json, intake_server: region });
  expect(json).toEqual({
    hub_name: "intune-logs",
    hub_connection_string: outputs["hub_connection_string"]?.value,
    hub_consumer_group: "sekoiaio",
    storage_container_name: "intune-logs",
    storage_connection_string: outputs["storage_connection_string"]?.value,
    intake_key: "key-1",
  });
  const table = await run("--outputs", file, "--as", "table");
  expect(table.split("\n").slice(0, 2)).toEqual(["| Name | Value | Description |", "|---|---|---|"]);
  expect(table).toContain(`| hub_connection_string | ${json.hub_connection_string} | `);
  expect(table.trim().split("\n")).toHaveLength(7);

  const symphony = join(folder, "symphony");
  const written = await run(
    "--outputs",
    file,
    "--as",
    "files",
    "--folder",
    symphony,
    "--intake-key",
    "key-1",
  );
  expect(written).toBe(
    `${join(symphony, "module_configuration")}\n${join(symphony, "trigger_configuration")}\n`,
  );
  expect(JSON.parse(readFileSync(join(symphony, "trigger_configuration"), "utf8"))).toEqual(json);
  expect(statSync(join(symphony, "trigger_configuration")).mode & 0o777).toBe(0o600);
});

test("outputs with roles give no key, and the whole deployment is read as well as its outputs", async () => {
  const file = outputsFile({ properties: { outputs: outputsOf({ principalId: PRINCIPAL }) } });
  expect(JSON.parse(await run("--outputs", file))).toEqual({
    hub_name: "intune-logs",
    hub_namespace: expect.stringMatching(/^evhcompany\w+\.servicebus\.windows\.net$/),
    hub_consumer_group: "sekoiaio",
    storage_container_name: "intune-logs",
    storage_account_url: expect.stringMatching(/^https:\/\/evhcompany\w+\.blob\.core\.windows\.net\/$/),
  });
});

test.each([
  {
    name: "outputs of something else",
    content: { hub_name: { type: "String", value: "secret-of-mine" } },
    error:
      /^the outputs lack hub_connection_string or hub_namespace, hub_consumer_group, storage_container_name, storage/,
  },
  { name: "no outputs at all", content: [], error: /the outputs lack hub_name/ },
])("refused: $name", async ({ content, error }) => {
  const failure = run("--outputs", outputsFile(content));
  await expect(failure).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringMatching(error),
  });
  await expect(failure).rejects.not.toThrow(/secret-of-mine/);
});

test("an intake server that is not an address is refused", async () => {
  const file = outputsFile(outputsOf({}));
  await expect(run("--outputs", file, "--intake-server", "mco1")).rejects.toThrow(/mco1 is not an address/);
});

test("files need a folder", async () => {
  await expect(run("--outputs", outputsFile(outputsOf({})), "--as", "files")).rejects.toThrow(/--folder DIR/);
});
