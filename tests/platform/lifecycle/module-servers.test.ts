import { afterEach, expect, test } from "vitest";
import { TriggerMetrics } from "../../../src/app/telemetry/metrics.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/log.ts";
import { HealthState } from "../../../src/platform/lifecycle/health.ts";
import { type PageServer, servePages } from "../../../src/platform/lifecycle/http-server.ts";
import { openModuleServers } from "../../../src/platform/lifecycle/module-servers.ts";

const opened: PageServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});
const HOST = "127.0.0.1";

test("liveness and metrics are served, and other paths do not exist", async () => {
  const health = new HealthState(systemClock);
  const { shown } = new TriggerMetrics(systemClock);
  const settings = { host: HOST, livenessPort: 0, metricsPort: 0, httpPort: null };
  await openModuleServers(settings, health, shown, silentLogger, opened);
  const [liveness, scrape] = opened.map(({ port }) => `http://${HOST}:${port}`);

  const healthy = await fetch(`${liveness}/health?probe`);
  expect([healthy.status, await healthy.json()]).toEqual([200, expect.objectContaining({ error_count: 0 })]);
  health.failing("intake", 0);
  expect((await fetch(`${liveness}/health`)).status).toBe(200);
  expect((await fetch(`${liveness}/ready`)).status).toBe(503);

  expect((await fetch(`${liveness}/ledger`)).status).toBe(503);
  const text = await fetch(`${scrape}/metrics`);
  expect(text.headers.get("content-type")).toContain("text/plain");
  expect(await text.text()).toContain("symphony_module_azure_collected_messages_total");
  expect(await (await fetch(`${scrape}/`)).text(), "any path of the metrics' port answers").toContain(
    "symphony_module",
  );
  for (const url of [`${liveness}/`, `${liveness}/metrics`]) {
    const missing = await fetch(url);
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { status_code: 404, reason: "Endpoint doesn't exist" },
    ]);
  }
});

test("one port serves all pages for a person's run", async () => {
  const settings = { host: HOST, livenessPort: 8000, metricsPort: 8020, httpPort: 0 };
  const { shown } = new TriggerMetrics(systemClock);
  await openModuleServers(settings, new HealthState(systemClock), shown, silentLogger, opened);
  expect(opened).toHaveLength(1);
  const statusOf = async (path: string) => (await fetch(`http://${HOST}:${opened[0]?.port}${path}`)).status;
  expect(await statusOf("/health")).toBe(200);
  expect(await statusOf("/metrics")).toBe(200);
  expect(await statusOf("/ledger"), "nothing is read yet").toBe(503);
  expect(await statusOf("/")).toBe(404);
});

test("a server that is off is not opened, and a port that is taken is reported with its setting", async () => {
  const open = (livenessPort: number | null) =>
    openModuleServers(
      { host: HOST, livenessPort, metricsPort: null, httpPort: null },
      new HealthState(systemClock),
      new TriggerMetrics(systemClock).shown,
      silentLogger,
      opened,
    );
  await open(null);
  expect(opened).toHaveLength(0);
  const taken = await servePages(HOST, 0, {});
  opened.push(taken);
  await expect(open(taken.port)).rejects.toThrow(/`liveness_port` \d+ is not available \(.*EADDRINUSE/);
});

test("a page that fails is an error of the server, and the server goes on", async () => {
  const server = await servePages(HOST, 0, { "/": () => Promise.reject(new Error("broken")) });
  opened.push(server);
  expect((await fetch(`http://${HOST}:${server.port}/`)).status).toBe(500);
  expect((await fetch(`http://${HOST}:${server.port}/`)).status).toBe(500);
});
