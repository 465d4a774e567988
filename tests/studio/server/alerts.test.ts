import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { intakeFormat } from "../../../src/cli/intake-format.ts";
import { BUILT_IN_RULES } from "../../../src/cli/rule-folder.ts";
import { intuneSamples } from "../../../src/local/samples.ts";
import { type StudioServer, startStudio } from "../../../src/studio/server/studio.ts";
import { StudioClient } from "./studio-client.ts";

const dataFolder = mkdtempSync(join(tmpdir(), "studio-alerts-"));
let studio: StudioServer;
let client: StudioClient;

beforeAll(async () => {
  const format = await intakeFormat("microsoft-intune", new PassThrough());
  studio = await startStudio({
    moduleDir: fileURLToPath(new URL("../../..", import.meta.url)),
    dataFolder,
    format,
    rules: BUILT_IN_RULES,
  });
  client = await StudioClient.open(studio);
}, 60_000);
afterAll(async () => {
  await studio.close();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

async function store(jsons: readonly string[]): Promise<void> {
  const body = JSON.stringify({ intake_key: "alerts", jsons });
  const { status } = await fetch(`${studio.intake.url}/batch`, { method: "POST", body });
  expect(status).toBe(200);
}

test("alerts of stored events are listed, explained, closed and opened; their events carry a badge", async () => {
  await store(intuneSamples());
  const { alerts } = await client.ask("GET /api/alerts");
  expect(alerts).toMatchObject([
    { state: "open", level: "medium", rule: "Microsoft Intune Non-Compliant Device", events: 1 },
  ]);
  const at = { id: alerts[0]?.id ?? "" };
  const detail = await client.ask("GET /api/alerts/:id", { at });
  const lines = detail.ruleText.split("\n");
  const matched = detail.matches.map(({ line }) => lines[(line ?? 0) - 1]?.trim());
  expect(matched).toContain("action.name: Compliance");
  expect(detail.events[0]?.alerts).toEqual([
    { id: at.id, rule: "Microsoft Intune Non-Compliant Device", level: "medium" },
  ]);
  const ofEvent = await client.ask("GET /api/alerts", { query: { event: detail.events[0]?.id ?? "" } });
  expect(ofEvent.alerts).toEqual(alerts);
  await client.ask("POST /api/alerts/:id/state", { at, body: { state: "closed" } });
  expect((await client.ask("GET /api/alerts")).alerts).toEqual([]);
  expect((await client.ask("GET /api/alerts", { query: { state: "closed" } })).alerts).toHaveLength(1);
  await client.ask("POST /api/alerts/:id/state", { at, body: { state: "open" } });
  expect((await client.ask("GET /api/alerts")).alerts).toEqual(alerts);
  expect((await client.refused("GET /api/alerts/:id", { at: { id: "999" } })).status).toBe(404);
  expect((await client.refused("GET /api/alerts", { query: { cursor: "x" } })).status).toBe(400);
});

test("rules are listed and shown, run their tests, and are switched off and on", async () => {
  const { rules } = await client.ask("GET /api/rules");
  expect(rules.map(({ techniques }) => techniques)).toContainEqual(["T1562.001"]);
  const at = { id: rules.find(({ title }) => title.includes("Non-Compliant"))?.id ?? "" };
  expect((await client.ask("GET /api/rules/:id", { at })).text).toContain("detection:");
  const { results } = await client.ask("POST /api/rules/:id/test", { at });
  expect(results.length).toBeGreaterThan(3);
  expect(results.filter(({ isPassed }) => !isPassed)).toEqual([]);
  const isOn = async () => (await client.ask("GET /api/rules/:id", { at })).rule.isOn;
  await client.ask("POST /api/rules/:id/switch", { at, body: { isOn: false } });
  expect(await isOn()).toBe(false);
  await client.ask("POST /api/rules/:id/switch", { at, body: { isOn: true } });
  expect(await isOn()).toBe(true);
  expect((await client.refused("GET /api/rules/:id", { at: { id: "none" } })).status).toBe(404);
});

test("a rule of one's own in the data folder is read while the studio runs", async () => {
  writeFileSync(
    join(dataFolder, "rules", "own.yml"),
    "title: Own\nid: own\nlogsource: {category: any}\ndetection: {a: {x: 1}, condition: a}\n",
  );
  const status = async () => (await client.raw("GET", "/api/rules/own")).status;
  await expect.poll(status, { timeout: 20_000 }).toBe(200);
});

test("a rule is tried on stored events: hits, places, diagnostics; nothing is raised", async () => {
  const text =
    "title: T\nlogsource: {category: any}\ndetection:\n  a:\n    action.type: OperationalLogs\n  condition: a\n";
  const attempt = (rule: string) =>
    client.ask("POST /api/rules/try", { body: { text: rule, dialect: "platform", period: "all" } });
  const count = async () => (await client.ask("GET /api/alerts", { query: { state: "all" } })).alerts.length;
  const before = await count();
  const { id } = await attempt(text);
  const trial = () => client.ask("GET /api/rules/trials/:id", { at: { id } });
  await expect.poll(async () => (await trial()).state).toBe("done");
  const done = await trial();
  expect(done).toMatchObject({ total: 1, isWhole: true, diagnostics: [] });
  expect(done.examined).toBe(done.of);
  expect(done.matches).toEqual([{ selection: "a", field: "action.type", value: "OperationalLogs", line: 5 }]);
  expect(await attempt("title: [")).toMatchObject({ total: 0, diagnostics: [{ severity: "error" }] });
  expect(await count()).toBe(before);
  expect((await client.refused("GET /api/rules/trials/:id", { at: { id: "999" } })).status).toBe(404);
});

test("a trial over many events can be stopped, and events are taken meanwhile", async () => {
  for (let batch = 0; batch < 10; batch++) {
    await store(Array.from({ length: 1000 }, (_, n) => `{"n":${n}}`));
  }
  const text = `title: T\nlogsource: {category: any}\ndetection: {a: {message|re: '.*(${"x?".repeat(30)})*y'}, condition: a}\n`;
  const { id } = await client.ask("POST /api/rules/try", {
    body: { text, dialect: "standard", period: "all" },
  });
  const taken = await fetch(`${studio.intake.url}/plain?intake_key=many`, { method: "POST", body: "{}" });
  expect(taken.status).toBe(200);
  const stopped = await client.ask("POST /api/rules/trials/:id/stop", { at: { id } });
  expect(["stopped", "done"]).toContain(stopped.state);
  expect(stopped.examined).toBeLessThanOrEqual(stopped.of);
});
