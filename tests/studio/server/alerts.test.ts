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

const dataFolder = mkdtempSync(join(tmpdir(), "studio-alerts-"));
let studio: StudioServer;
let cookie = "";

beforeAll(async () => {
  const format = await intakeFormat("microsoft-intune", new PassThrough());
  studio = await startStudio({
    moduleDir: fileURLToPath(new URL("../../..", import.meta.url)),
    dataFolder,
    format,
    rules: BUILT_IN_RULES,
  });
  const page = await fetch(studio.address);
  cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
}, 60_000);
afterAll(async () => {
  await studio.close();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

// biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests judge
type Answer = { readonly status: number; readonly body: any };

async function call(method: string, path: string, { body }: { body?: unknown } = {}): Promise<Answer> {
  const origin = `http://127.0.0.1:${studio.port}`;
  const answer = await fetch(`${origin}${path}`, {
    method,
    headers: { cookie, ...(method === "POST" && { origin, "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function store(jsons: readonly string[]): Promise<void> {
  const body = JSON.stringify({ intake_key: "alerts", jsons });
  const { status } = await fetch(`${studio.intake.url}/batch`, { method: "POST", body });
  expect(status).toBe(200);
}

test("alerts of stored events are listed, explained, closed and opened; their events carry a badge", async () => {
  await store(intuneSamples());
  const { body: list } = await call("GET", "/api/alerts");
  expect(list.alerts).toMatchObject([
    { state: "open", level: "medium", rule: "Microsoft Intune Non-Compliant Device", events: 1 },
  ]);
  const [{ id }] = list.alerts;
  const { body: detail } = await call("GET", `/api/alerts/${id}`);
  const lines = detail.ruleText.split("\n");
  const matched = detail.matches.map(({ line }: { line: number }) => lines[line - 1].trim());
  expect(matched).toContain("action.name: Compliance");
  expect(detail.events[0].alerts).toEqual([
    { id, rule: "Microsoft Intune Non-Compliant Device", level: "medium" },
  ]);
  expect((await call("GET", `/api/alerts?event=${detail.events[0].id}`)).body.alerts).toEqual(list.alerts);
  await call("POST", `/api/alerts/${id}/state`, { body: { state: "closed" } });
  expect((await call("GET", "/api/alerts")).body.alerts).toEqual([]);
  expect((await call("GET", "/api/alerts?state=closed")).body.alerts).toHaveLength(1);
  await call("POST", `/api/alerts/${id}/state`, { body: { state: "open" } });
  expect((await call("GET", "/api/alerts")).body.alerts).toEqual(list.alerts);
  expect((await call("GET", "/api/alerts/999")).status).toBe(404);
  expect((await call("GET", "/api/alerts?cursor=x")).status).toBe(400);
});

test("rules are listed and shown, run their tests, and are switched off and on", async () => {
  const { body: list } = await call("GET", "/api/rules");
  expect(list.rules.map(({ techniques }: { techniques: string[] }) => techniques)).toContainEqual([
    "T1562.001",
  ]);
  const [{ id }] = list.rules.filter(({ title }: { title: string }) => title.includes("Non-Compliant"));
  expect((await call("GET", `/api/rules/${id}`)).body.text).toContain("detection:");
  const { body: tests } = await call("POST", `/api/rules/${id}/test`, { body: {} });
  expect(tests.results.length).toBeGreaterThan(3);
  expect(tests.results.filter(({ isPassed }: { isPassed: boolean }) => !isPassed)).toEqual([]);
  await call("POST", `/api/rules/${id}/switch`, { body: { isOn: false } });
  const isOn = async () => (await call("GET", `/api/rules/${id}`)).body.rule.isOn;
  expect(await isOn()).toBe(false);
  await call("POST", `/api/rules/${id}/switch`, { body: { isOn: true } });
  expect(await isOn()).toBe(true);
  expect((await call("GET", "/api/rules/none")).status).toBe(404);
});

test("a rule of one's own in the data folder is read while the studio runs", async () => {
  writeFileSync(
    join(dataFolder, "rules", "own.yml"),
    "title: Own\nid: own\nlogsource: {category: any}\ndetection: {a: {x: 1}, condition: a}\n",
  );
  await expect.poll(async () => (await call("GET", "/api/rules/own")).status, { timeout: 20_000 }).toBe(200);
});

test("a rule is tried on stored events: hits, places, diagnostics; nothing is raised", async () => {
  const text =
    "title: T\nlogsource: {category: any}\ndetection:\n  a:\n    action.type: OperationalLogs\n  condition: a\n";
  const attempt = (more: object) =>
    call("POST", "/api/rules/try", { body: { text, dialect: "platform", period: "all", ...more } });
  const before = (await call("GET", "/api/alerts?state=all")).body.alerts.length;
  let { body: trial } = await attempt({});
  await expect
    .poll(async () => {
      trial = (await call("GET", `/api/rules/trials/${trial.id}`)).body;
      return trial.state;
    })
    .toBe("done");
  expect(trial).toMatchObject({ total: 1, isWhole: true, diagnostics: [] });
  expect(trial.examined).toBe(trial.of);
  expect(trial.matches).toEqual([
    { selection: "a", field: "action.type", value: "OperationalLogs", line: 5 },
  ]);
  expect((await attempt({ text: "title: [" })).body).toMatchObject({
    total: 0,
    diagnostics: [{ severity: "error" }],
  });
  expect((await call("GET", "/api/alerts?state=all")).body.alerts).toHaveLength(before);
  expect((await call("GET", "/api/rules/trials/999")).status).toBe(404);
});

test("a trial over many events can be stopped, and events are taken meanwhile", async () => {
  for (let batch = 0; batch < 10; batch++) {
    await store(Array.from({ length: 1000 }, (_, n) => `{"n":${n}}`));
  }
  const text = `title: T\nlogsource: {category: any}\ndetection: {a: {message|re: '.*(${"x?".repeat(30)})*y'}, condition: a}\n`;
  const { body: trial } = await call("POST", "/api/rules/try", {
    body: { text, dialect: "standard", period: "all" },
  });
  const taken = await fetch(`${studio.intake.url}/plain?intake_key=many`, { method: "POST", body: "{}" });
  expect(taken.status).toBe(200);
  const { body: stopped } = await call("POST", `/api/rules/trials/${trial.id}/stop`, { body: {} });
  expect(["stopped", "done"]).toContain(stopped.state);
  expect(stopped.examined).toBeLessThanOrEqual(stopped.of);
});
