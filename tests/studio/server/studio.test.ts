import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { intakeFormat } from "../../../src/cli/intake-format.ts";
import { ROUTES } from "../../../src/studio/contract.ts";
import { type StudioServer, startStudio } from "../../../src/studio/server/studio.ts";

type Answer = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests judge
  readonly body: any;
  readonly headers: NodeJS.Dict<string | string[]>;
};

const moduleDir = fileURLToPath(new URL("../../..", import.meta.url));
const dataFolder = mkdtempSync(join(tmpdir(), "studio-test-"));
let studio: StudioServer;
let cookie = "";

async function start(): Promise<void> {
  const format = await intakeFormat("microsoft-intune", new PassThrough());
  studio = await startStudio({
    moduleDir,
    dataFolder,
    restartAfterMs: 10,
    format,
  });
  const page = await call("GET", studio.address.replace(/^http:\/\/[^/]+/, ""), { headers: {} });
  cookie = String(page.headers["set-cookie"]).split(";")[0] ?? "";
}

beforeAll(start, 60_000);
afterAll(async () => {
  await studio.close();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

function call(
  method: string,
  path: string,
  more: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const origin = `http://127.0.0.1:${studio.port}`;
  const headers = more.headers ?? { cookie, ...(method !== "GET" && { origin }) };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${origin}${path}`,
      { method, agent: false, headers: { "content-type": "application/json", ...headers } },
      (response) => {
        let text = "";
        response.on("data", (data) => {
          text += data;
        });
        response.on("end", () => {
          const isJson = String(response.headers["content-type"]).includes("json");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: isJson && !path.includes("export") ? JSON.parse(text) : text,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(more.body === undefined ? undefined : JSON.stringify(more.body));
  });
}

test.each([
  { name: "no token", headers: {} },
  { name: "a wrong token", headers: { cookie: "studio-0=x" } },
  { name: "a foreign host", headers: { host: "evil.example" } },
  { name: "a foreign origin", headers: { origin: "http://evil.example" }, hasCookie: true },
])("$name gets 403", async ({ headers, hasCookie }) => {
  const all = { ...(hasCookie && { cookie }), ...headers };
  for (const path of ["/", "/api/playbook", "/api/live", "/api/events/export"]) {
    expect((await call("GET", path, { headers: all as Record<string, string> })).status).toBe(403);
  }
});

test("a change without an origin gets 403, and the token opens no route of the API", async () => {
  expect(
    (await call("POST", "/api/playbook/switch", { headers: { cookie }, body: { isOn: true } })).status,
  ).toBe(403);
  const token = new URL(studio.address).searchParams.get("token");
  expect((await call("GET", `/api/playbook?token=${token}`, { headers: {} })).status).toBe(403);
});

test("the page comes with a strict policy and a strict cookie", async () => {
  const page = await call("GET", `/?token=${new URL(studio.address).searchParams.get("token")}`, {
    headers: {},
  });
  expect(page.status).toBe(200);
  expect(page.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
  expect(String(page.headers["set-cookie"])).toMatch(/HttpOnly; SameSite=Strict/);
});

test("from the local stack's settings to events, a run that succeeds, and all of it after a restart", async () => {
  const judged = await call("POST", "/api/playbook/judge", { body: { settings: {}, secrets: {} } });
  expect(judged.body.problems.map(({ field }: { field: string }) => field)).toContain("hub_name");
  expect((await call("POST", "/api/playbook/switch", { body: { isOn: true } })).status).toBe(409);

  const fill = (await call("POST", "/api/local-stack/settings", { body: {} })).body;
  const { revision } = (await call("GET", "/api/playbook")).body;
  const saved = await call("PUT", "/api/playbook", { body: { revision, name: "Intune", draft: fill } });
  expect(saved.body).toMatchObject({ name: "Intune", problems: [], intake: { isLocal: true } });
  expect(JSON.stringify(saved.body)).not.toContain(fill.secrets.intake_key);
  expect(saved.body.secrets).toContainEqual({
    name: "intake_key",
    hint: `…${fill.secrets.intake_key.slice(-4)}`,
  });
  expect((await call("PUT", "/api/playbook", { body: { revision, name: "Late", draft: fill } })).status).toBe(
    409,
  );
  const shown = await call("POST", "/api/playbook/secrets/intake_key/show", { body: {} });
  expect(shown.body.value).toBe(fill.secrets.intake_key);
  expect((await call("POST", "/api/playbook/secrets/hub_name/show", { body: {} })).status).toBe(404);

  expect((await call("POST", "/api/local-stack/samples", { body: { count: 10 } })).body).toEqual({
    sent: 10,
  });
  expect((await call("POST", "/api/playbook/switch", { body: { isOn: true } })).body.isOn).toBe(true);
  const query = `q=${encodeURIComponent(`customer.intake_key:"${fill.secrets.intake_key}"`)}&period=5m`;
  const hits = async () => (await call("GET", `/api/events?${query}`)).body.hits;
  await expect.poll(async () => (await hits()).length, { timeout: 60_000 }).toBe(10);
  const [hit] = await hits();
  expect(hit.description).not.toBe("");
  const detail = (await call("GET", `/api/events/${hit.id}`)).body;
  expect(detail.fields.map(({ path }: { path: string }) => path)).toContain("action.type");
  expect(JSON.stringify(detail)).not.toContain(fill.secrets.intake_key);
  expect((await call("GET", `/api/events/${hit.id}/parsing`)).body.stages.length).toBeGreaterThan(0);
  expect((await call("GET", `/api/events/histogram?${query}`)).body.total).toBe(10);
  const facets = (await call("GET", `/api/events/facets?${query}`)).body.facets;
  expect(facets[0].path).toBe("action.type");
  expect((await call("GET", "/api/events?q=(a")).body).toMatchObject({
    error: { code: "query", position: 0 },
  });
  const values = (await call("GET", "/api/events/values?field=customer.intake_key")).body.values;
  expect(values).toEqual([`…${fill.secrets.intake_key.slice(-4)}`]);
  expect((await call("GET", `/api/events/export?${query}`)).body.trim().split("\n")).toHaveLength(10);

  const [run] = (await call("GET", "/api/runs")).body.runs;
  expect(run.status).toBe("Running");
  const runDetail = async () => (await call("GET", `/api/runs/${run.id}`)).body;
  await expect.poll(async () => (await runDetail()).figures?.forwarded, { timeout: 20_000 }).toBe(10);
  expect((await runDetail()).answers[0]).toMatchObject({ status: 200 });
  expect((await call("POST", `/api/runs/${run.id}/stop`, { body: {} })).body).toEqual({ done: true });
  await expect.poll(async () => (await runDetail()).run.status, { timeout: 30_000 }).toBe("Succeeded");
  const log = (await call("GET", `/api/runs/${run.id}/log`)).body.lines;
  expect(log.length).toBeGreaterThan(0);
  expect(JSON.stringify(log)).not.toContain(fill.secrets.intake_key);
  expect((await call("GET", "/api/dead-letters")).body).toEqual({ letters: [], total: 0 });
  const secrets = Object.values(fill.secrets as Record<string, string>).flatMap((secret) => [
    secret,
    /(?:Account|SharedAccess)Key=([^;]+)/.exec(secret)?.[1] ?? secret,
  ]);
  const parameters: Record<string, string> = { ":name": "microsoft-intune" };
  const idOf = (path: string) =>
    path.includes("/events/") ? hit.id : path.includes("/runs/") ? run.id : "x";
  const paths = Object.keys(ROUTES).filter((name) => name.startsWith("GET "));
  for (const path of [...paths, "GET /api/runs/:id/export", "GET /api/events/export"]) {
    const address = path.slice(4).replace(/:\w+/, (name) => parameters[name] ?? idOf(path));
    const answer = await call("GET", address.endsWith("/values") ? `${address}?field=intake_key` : address);
    for (const secret of secrets) {
      expect(JSON.stringify(answer.body), path).not.toContain(secret);
    }
  }
  for (const type of ["playbook", "run", "counts"]) {
    const message = JSON.stringify(await firstMessage(type));
    for (const secret of secrets) {
      expect(message).not.toContain(secret);
    }
  }

  await studio.close();
  await start();
  expect((await call("GET", "/api/playbook")).body).toMatchObject({ name: "Intune", isOn: false });
  expect((await call("GET", `/api/runs/${run.id}`)).body).toMatchObject({
    run: { status: "Succeeded", events: 10 },
    figures: { forwarded: 10 },
  });
  expect((await hits()).length).toBe(10);
}, 180_000);

test("a format is tried, tested and saved into the person's own folder", async () => {
  const { parser, samples } = (await call("GET", "/api/formats/microsoft-intune")).body;
  const tried = await call("POST", "/api/formats/microsoft-intune/try", {
    body: { parser, event: samples[0].event, sample: null },
  });
  expect(tried.body.fields.length).toBeGreaterThan(0);
  const broken = await call("POST", "/api/formats/microsoft-intune/try", {
    body: { parser: "name: [", event: "x", sample: null },
  });
  expect(broken.body.diagnostics[0].line).toBeGreaterThan(0);
  const tests = await call("POST", "/api/formats/microsoft-intune/test", { body: { parser } });
  expect(tests.body).toMatchObject({ failed: 0 });
  const saved = await call("POST", "/api/formats/microsoft-intune/save", { body: { parser, name: "own" } });
  expect(saved.body).toEqual({ name: "own", folder: join(dataFolder, "formats", "own"), isInUse: true });
  expect(
    (await call("POST", "/api/formats/microsoft-intune/save", { body: { parser, name: "../x" } })).status,
  ).toBe(400);
  expect((await call("GET", "/api/formats")).body.formats.map(({ name }: { name: string }) => name)).toEqual([
    "own",
    "microsoft-intune",
  ]);
  expect((await call("GET", "/api/playbook")).body.intake.format).toBe("own");
  await studio.close();
  await start();
  expect((await call("GET", "/api/playbook")).body.intake.format).toBe("own");
});

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
  await call("POST", "/api/check", { body: draft });
  const state = async () => (await firstMessage("check")).check.state;
  await expect.poll(state, { timeout: 60_000, interval: 200 }).toBe("done");
  const { check } = await firstMessage("check");
  expect(check.lines).toHaveLength(check.of);
  expect(check.lines.map(({ status }: { status: string }) => status)).toContain("failed");
  expect(JSON.stringify(check)).not.toContain("a2V5");
}, 90_000);

test("a trigger that is killed five times in a row is Failed with its reason, and switches the playbook off", async () => {
  await call("POST", "/api/playbook/switch", { body: { isOn: true } });
  const killed = new Set<number>();
  const killNext = async () => {
    const [run] = (await call("GET", "/api/runs")).body.runs;
    if (run.process !== null && !killed.has(run.process)) {
      killed.add(run.process);
      process.kill(run.process, "SIGKILL");
    }
    return (await call("GET", "/api/playbook")).body.isOn;
  };
  await expect.poll(killNext, { timeout: 60_000, interval: 50 }).toBe(false);
  expect(killed.size).toBe(5);
  const { crash } = (await call("GET", "/api/playbook")).body;
  expect(crash).toMatchObject({
    failures: 5,
    reason: expect.stringContaining("killed from outside (SIGKILL)"),
  });
  const { runs } = (await call("GET", "/api/runs")).body;
  expect(runs.slice(0, 5).map(({ status }: { status: string }) => status)).toEqual(Array(5).fill("Failed"));
}, 90_000);

/** The first message of a type that the stream of the whole studio begins with. */
function firstMessage(type: string): Promise<Answer["body"]> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `http://127.0.0.1:${studio.port}/api/live`,
      { agent: false, headers: { cookie } },
      (response) => {
        let text = "";
        response.on("data", (data) => {
          text += data;
          for (const line of text.split("\n")) {
            if (line.startsWith(`data: {"type":"${type}"`) && line.endsWith("}")) {
              sent.destroy();
              resolve(JSON.parse(line.slice(6)));
            }
          }
        });
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}
