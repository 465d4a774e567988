import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { intakeFormat } from "../../../src/cli/intake-format.ts";
import { startIntake } from "../../../src/local/intake/server.ts";
import { ROUTES } from "../../../src/studio/contract.ts";
import { type StudioServer, startStudio } from "../../../src/studio/server/studio.ts";
import { StudioClient } from "./studio-client.ts";

const moduleDir = fileURLToPath(new URL("../../..", import.meta.url));
const dataFolder = mkdtempSync(join(tmpdir(), "studio-test-"));
const WAIT = { timeout: 60_000 };
let studio: StudioServer;
let client: StudioClient;

async function start(): Promise<void> {
  const format = await intakeFormat("microsoft-intune", new PassThrough());
  studio = await startStudio({ moduleDir, dataFolder, restartAfterMs: 10, format });
  client = await StudioClient.open(studio);
}

beforeAll(start, 60_000);
afterAll(async () => {
  await studio.close();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

const newestRun = async () => {
  const [run] = (await client.ask("GET /api/runs")).runs;
  if (run === undefined) {
    throw new Error("no run yet");
  }
  return run;
};

test.each([
  { name: "no token", headers: {} },
  { name: "a wrong token", headers: { cookie: "studio-0=x" } },
  { name: "a foreign host", headers: { host: "evil.example" } },
  { name: "a foreign origin", headers: { origin: "http://evil.example" }, hasCookie: true },
])("$name gets 403", async ({ headers, hasCookie }) => {
  const all = { ...(hasCookie && { cookie: client.cookie }), ...headers } as Record<string, string>;
  for (const path of ["/", "/api/playbook", "/api/live", "/api/events/export"]) {
    expect((await client.raw("GET", path, { headers: all })).status).toBe(403);
  }
});

test("a change without an origin gets 403, and the token opens no route of the API", async () => {
  const headers = { cookie: client.cookie };
  const body = { isOn: true };
  expect((await client.raw("POST", "/api/playbook/switch", { headers, body })).status).toBe(403);
  const token = new URL(studio.address).searchParams.get("token");
  expect((await client.raw("GET", `/api/playbook?token=${token}`, { headers: {} })).status).toBe(403);
});

test("the page comes with a strict policy and a strict cookie", async () => {
  const { search } = new URL(studio.address);
  const page = await client.raw("GET", `/${search}`, { headers: {} });
  expect(page.status).toBe(200);
  expect(page.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
  expect(String(page.headers["set-cookie"])).toMatch(/HttpOnly; SameSite=Strict/);
});

test("from the local stack's settings to events, a run that succeeds, and all of it after a restart", async () => {
  const judged = await client.ask("POST /api/playbook/judge", { body: { settings: {}, secrets: {} } });
  expect(judged.problems.map(({ field }) => field)).toContain("hub_name");
  expect((await client.refused("POST /api/playbook/switch", { body: { isOn: true } })).status).toBe(409);

  const fill = await client.ask("POST /api/local-stack/settings");
  const key = String(fill.secrets["intake_key"]);
  const { revision, hub: noHub } = await client.ask("GET /api/playbook");
  expect(noHub).toEqual({ host: null, isLocal: false });
  const saved = await client.ask("PUT /api/playbook", { body: { revision, name: "Intune", draft: fill } });
  expect(saved).toMatchObject({
    name: "Intune",
    problems: [],
    hub: { host: expect.stringContaining("localhost:"), isLocal: true },
    intake: { isLocal: true },
  });
  expect(JSON.stringify(saved)).not.toContain(key);
  expect(saved.secrets).toContainEqual({ name: "intake_key", hint: `…${key.slice(-4)}` });
  const late = { body: { revision, name: "Late", draft: fill } };
  expect((await client.refused("PUT /api/playbook", late)).status).toBe(409);
  const show = "POST /api/playbook/secrets/:name/show";
  expect((await client.ask(show, { at: { name: "intake_key" } })).value).toBe(key);
  expect((await client.refused(show, { at: { name: "hub_name" } })).status).toBe(404);

  expect(await client.ask("POST /api/local-stack/samples", { body: { count: 10 } })).toEqual({ sent: 10 });
  expect((await client.ask("POST /api/playbook/switch", { body: { isOn: true } })).isOn).toBe(true);
  const query = { q: `customer.intake_key:"${key}"`, period: "5m" };
  const hits = async () => (await client.ask("GET /api/events", { query })).hits;
  await expect.poll(async () => (await hits()).length, WAIT).toBe(10);
  const [hit] = await hits();
  expect(hit?.description).not.toBe("");
  const id = hit?.id ?? "";
  const detail = await client.ask("GET /api/events/:id", { at: { id } });
  expect(detail.fields.map(({ path }) => path)).toContain("action.type");
  expect(JSON.stringify(detail)).not.toContain(key);
  expect((await client.ask("GET /api/events/:id/parsing", { at: { id } })).stages.length).toBeGreaterThan(0);
  expect((await client.ask("GET /api/events/histogram", { query })).total).toBe(10);
  expect((await client.ask("GET /api/events/facets", { query })).facets[0]?.path).toBe("action.type");
  expect(await client.refused("GET /api/events", { query: { q: "(a" } })).toMatchObject({
    code: "query",
    position: 0,
  });
  const values = await client.ask("GET /api/events/values", { query: { field: "customer.intake_key" } });
  expect(values.values).toEqual([`…${key.slice(-4)}`]);
  const exported = await client.raw("GET", `/api/events/export?${new URLSearchParams(query)}`);
  expect(exported.text.trim().split("\n")).toHaveLength(10);

  const run = await newestRun();
  expect(run.status).toBe("Running");
  const runDetail = () => client.ask("GET /api/runs/:id", { at: { id: run.id } });
  await expect.poll(async () => (await runDetail()).figures?.forwarded, { timeout: 20_000 }).toBe(10);
  const [answer] = (await runDetail()).answers;
  expect(answer).toMatchObject({ status: 200, note: null });
  expect(answer?.eventIds.length).toBeGreaterThan(0);
  expect(await client.ask("POST /api/runs/:id/stop", { at: { id: run.id } })).toEqual({ done: true });
  await expect.poll(async () => (await runDetail()).run.status, { timeout: 30_000 }).toBe("Succeeded");
  const log = (await client.ask("GET /api/runs/:id/log", { at: { id: run.id } })).lines;
  expect(log.length).toBeGreaterThan(0);
  expect(JSON.stringify(log)).not.toContain(key);
  expect(await client.ask("GET /api/dead-letters")).toEqual({ letters: [], total: 0, reason: null });
  const secrets = Object.values(fill.secrets as Record<string, string>).flatMap((secret) => [
    secret,
    /(?:Account|SharedAccess)Key=([^;]+)/.exec(secret)?.[1] ?? secret,
  ]);
  const parameters: Record<string, string> = { ":name": "microsoft-intune" };
  const idOf = (path: string) => (path.includes("/events/") ? id : path.includes("/runs/") ? run.id : "x");
  const paths = Object.keys(ROUTES).filter((name) => name.startsWith("GET "));
  for (const path of [...paths, "GET /api/runs/:id/export", "GET /api/events/export"]) {
    const address = path.slice(4).replace(/:\w+/, (name) => parameters[name] ?? idOf(path));
    const { text } = await client.raw(
      "GET",
      address.endsWith("/values") ? `${address}?field=intake_key` : address,
    );
    for (const secret of secrets) {
      expect(text, path).not.toContain(secret);
    }
  }
  for (const type of ["playbook", "run", "counts"] as const) {
    const message = JSON.stringify(await client.first(type));
    for (const secret of secrets) {
      expect(message).not.toContain(secret);
    }
  }

  await studio.close();
  await start();
  expect(await client.ask("GET /api/playbook")).toMatchObject({ name: "Intune", isOn: false });
  expect(await client.ask("GET /api/runs/:id", { at: { id: run.id } })).toMatchObject({
    run: { status: "Succeeded", events: 10 },
    figures: { forwarded: 10 },
    answers: [{ status: 200 }],
  });
  expect((await hits()).length).toBe(10);
}, 180_000);

test("saved settings of the local stack hold after a restart, whose servers have other ports and keys", async () => {
  const before = await client.ask("GET /api/playbook");
  await client.ask("POST /api/playbook/switch", { body: { isOn: true } });
  await studio.close();
  await start();
  const after = await client.ask("GET /api/playbook");
  expect(after).toMatchObject({
    isOn: true,
    problems: [],
    hub: { isLocal: true },
    intake: { isLocal: true },
  });
  expect(after.hub.host).not.toBe(before.hub.host);
  await client.ask("POST /api/local-stack/samples", { body: { count: 3 } });
  await expect.poll(async () => (await newestRun()).events, WAIT).toBe(3);
  const { id } = await newestRun();
  // What comes last is counted too, though nobody looked at the trigger after it.
  await client.ask("POST /api/local-stack/samples", { body: { count: 4 } });
  await expect.poll(async () => (await client.ask("GET /api/events/histogram")).total, WAIT).toBe(17);
  await client.ask("POST /api/runs/:id/stop", { at: { id } });
  await expect.poll(async () => (await newestRun()).status, WAIT).toBe("Succeeded");
  expect(await client.ask("GET /api/runs/:id", { at: { id } })).toMatchObject({
    run: { events: 7 },
    figures: { received: 7, forwarded: 7 },
  });
}, 120_000);

test("a run that sends to another intake than the local one shows that intake's answers", async () => {
  const other = await startIntake({ keys: ["another-intake's-key"] });
  try {
    const saved = await client.ask("GET /api/playbook");
    const draftOf = (intake_server: string, intake_key: string) => ({
      settings: { ...saved.settings, intake_server },
      secrets: { intake_key },
    });
    const save = async (key: string) => {
      const { revision } = await client.ask("GET /api/playbook");
      const body = { revision, name: saved.name, draft: draftOf(other.url, key) };
      return client.ask("PUT /api/playbook", { body });
    };
    const answers = async () =>
      (await client.ask("GET /api/runs/:id", { at: { id: (await newestRun()).id } })).answers;
    const off = async () => {
      await client.ask("POST /api/playbook/switch", { body: { isOn: false } });
      await expect.poll(async () => (await newestRun()).status, WAIT).not.toBe("Running");
    };
    expect((await save("a-key-that-is-wrong")).intake).toEqual({
      format: null,
      server: other.url,
      isLocal: false,
    });
    await client.ask("POST /api/playbook/switch", { body: { isOn: true } });
    await client.ask("POST /api/local-stack/samples", { body: { count: 5 } });
    await expect.poll(answers, WAIT).toContainEqual(
      expect.objectContaining({
        status: 401,
        events: 0,
        note: expect.stringContaining("check intake_key"),
      }),
    );
    expect((await newestRun()).reason).toMatch(/^The intake answered HTTP 401/);
    const { id } = await newestRun();
    const { lines } = await client.ask("GET /api/runs/:id/log", { at: { id }, query: { level: "error" } });
    expect(JSON.parse(lines[0]?.fields ?? "{}")).toMatchObject({ code: "INTAKE_MISCONFIGURED" });
    expect(lines[0]?.message).not.toContain("code=");
    await off();
    await save("another-intake's-key");
    await client.ask("POST /api/playbook/switch", { body: { isOn: true } });
    await expect.poll(() => other.count(), WAIT).toBe(5);
    await expect.poll(answers, WAIT).toContainEqual(expect.objectContaining({ status: 200, note: null }));
    await off();
  } finally {
    await other.close();
  }
}, 180_000);

test("settings that are saved while the playbook is on hold for its next run, which begins by itself", async () => {
  const saved = await client.ask("GET /api/playbook");
  const save = async (more: object) => {
    const { revision, name, settings } = await client.ask("GET /api/playbook");
    return { body: { revision, name, draft: { settings: { ...settings, ...more }, secrets: {} } } };
  };
  await client.ask("POST /api/playbook/switch", { body: { isOn: true } });
  const first = await newestRun();
  const broken = await client.refused("PUT /api/playbook", await save({ hub_name: "" }));
  expect(broken.message).toMatch(/^The playbook is on, and these settings have a problem\./);
  expect((await newestRun()).id).toBe(first.id);
  await client.ask("PUT /api/playbook", await save({ chunk_size: 7 }));
  await expect.poll(async () => (await newestRun()).id, WAIT).not.toBe(first.id);
  expect((await client.ask("GET /api/runs/:id", { at: { id: first.id } })).run.status).toBe("Succeeded");
  // Off and on again while it drains: on it is.
  const second = await newestRun();
  await client.ask("POST /api/playbook/switch", { body: { isOn: false } });
  await client.ask("POST /api/playbook/switch", { body: { isOn: true } });
  await expect.poll(async () => (await newestRun()).id, WAIT).not.toBe(second.id);
  expect(await newestRun()).toMatchObject({ status: "Running" });
  await client.ask("POST /api/playbook/switch", { body: { isOn: false } });
  await expect.poll(async () => (await newestRun()).status, WAIT).not.toBe("Running");
  await client.ask("PUT /api/playbook", await save(saved.settings));
}, 120_000);

test("a hub's name beside another hub's string is told at its field, and by the run that fails of it", async () => {
  const { revision, name, settings, isOn } = await client.ask("GET /api/playbook");
  expect(isOn).toBe(false);
  const text =
    /^`hub_name` \(Event Hub name\) is another, but the connection string is of the hub intune-logs/;
  const draft = (hub_name: unknown) => ({ settings: { ...settings, hub_name }, secrets: {} });
  const { problems } = await client.ask("POST /api/playbook/judge", { body: draft("another") });
  expect(problems).toEqual([{ field: "hub_name", text: expect.stringMatching(text) }]);
  const body = { revision, name, draft: draft("another") };
  const { revision: next } = await client.ask("PUT /api/playbook", { body });
  expect((await client.ask("GET /api/dead-letters")).reason).toMatch(text);
  await client.ask("POST /api/playbook/switch", { body: { isOn: true } });
  await expect.poll(async () => (await client.ask("GET /api/playbook")).crash?.reason, WAIT).toMatch(text);
  const { revision: last } = await client.ask("GET /api/playbook");
  expect(last).toBeGreaterThan(next);
  await client.ask("PUT /api/playbook", {
    body: { revision: last, name, draft: draft(settings["hub_name"]) },
  });
}, 120_000);

test("a format is tried, tested and saved into the person's own folder", async () => {
  const at = { name: "microsoft-intune" };
  const { parser, samples } = await client.ask("GET /api/formats/:name", { at });
  const attempt = (text: string, event: string) =>
    client.ask("POST /api/formats/:name/try", { at, body: { parser: text, event, sample: null } });
  expect((await attempt(parser, samples[0]?.event ?? "")).fields.length).toBeGreaterThan(0);
  expect((await attempt("name: [", "x")).diagnostics[0]?.line).toBeGreaterThan(0);
  const tests = await client.ask("POST /api/formats/:name/test", { at, body: { parser } });
  expect(tests).toMatchObject({ failed: 0 });
  const save = "POST /api/formats/:name/save";
  const saved = await client.ask(save, { at, body: { parser, name: "own" } });
  expect(saved).toEqual({ name: "own", folder: join(dataFolder, "formats", "own"), isInUse: true });
  expect((await client.refused(save, { at, body: { parser, name: "../x" } })).status).toBe(400);
  const { formats } = await client.ask("GET /api/formats");
  expect(formats.map(({ name }) => name)).toEqual(["own", "microsoft-intune"]);
  const { revision, settings } = await client.ask("GET /api/playbook");
  const draft = { settings: { ...settings, intake_server: studio.intake.url }, secrets: {} };
  await client.ask("PUT /api/playbook", { body: { revision, name: "Intune", draft } });
  expect((await client.ask("GET /api/playbook")).intake.format).toBe("own");
  await studio.close();
  await start();
  expect((await client.ask("GET /api/playbook")).intake.format).toBe("own");
}, 60_000);

test("the check's lines arrive over the stream of the whole studio", async () => {
  const wrong =
    "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccessKey=a2V5;UseDevelopmentEmulator=true";
  const draft = {
    settings: { hub_name: "no-hub", storage_container_name: "c-c", intake_server: studio.intake.url },
    secrets: {
      hub_connection_string: wrong,
      storage_connection_string: wrong,
      intake_key: "a-key-of-no-intake",
    },
  };
  await client.ask("POST /api/check", { body: draft });
  const state = async () => (await client.first("check")).check.state;
  await expect.poll(state, { ...WAIT, interval: 200 }).toBe("done");
  const { check } = await client.first("check");
  expect(check.lines).toHaveLength(check.of);
  expect(check.lines.map(({ status }) => status)).toContain("failed");
  expect(JSON.stringify(check)).not.toContain("a2V5");
}, 90_000);

test("a trigger that is killed five times in a row is Failed with its reason, and switches the playbook off", async () => {
  await client.ask("POST /api/playbook/switch", { body: { isOn: true } });
  const killed = new Set<number>();
  const killNext = async () => {
    const { process: pid } = await newestRun();
    if (pid !== null && !killed.has(pid)) {
      killed.add(pid);
      process.kill(pid, "SIGKILL");
    }
    return (await client.ask("GET /api/playbook")).isOn;
  };
  await expect.poll(killNext, { ...WAIT, interval: 50 }).toBe(false);
  expect(killed.size).toBe(5);
  const { crash } = await client.ask("GET /api/playbook");
  expect(crash).toMatchObject({
    failures: 5,
    reason: expect.stringContaining("killed from outside (SIGKILL)"),
  });
  const { runs } = await client.ask("GET /api/runs");
  expect(runs.slice(0, 5).map(({ status }) => status)).toEqual(Array(5).fill("Failed"));
}, 90_000);
