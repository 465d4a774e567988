import { expect, test } from "vitest";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import { openSources } from "../../../src/platform/config/sources.ts";
import { openControlPlane } from "../../../src/platform/control-plane.ts";
import { LogShipper } from "../../../src/platform/logging/log-shipper.ts";
import { createLogTransport } from "../../../src/platform/logging/log-transport.ts";
import { createLocalLogger, PlatformLogger } from "../../../src/platform/logging/logger.ts";
import { Masker } from "../../../src/platform/logging/masker.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { startServer } from "../support/http.ts";

function localLog() {
  const masker = new Masker();
  masker.add("very-secret");
  const written: string[] = [];
  const local = createLocalLogger(masker, { write: (line) => written.push(line) });
  return { masker, local, entries: () => written.map((line) => JSON.parse(line)) };
}

test("a line is JSON with level, time, message and fields, and nothing else", () => {
  const { local, entries } = localLog();
  local.log("warning", "partition is slow", { partition: "0", lag: 5, cause: undefined });
  local.log("debug", "plain");
  expect(entries()).toEqual([
    {
      level: "warning",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      message: "partition is slow",
      fields: { partition: "0", lag: 5 },
    },
    { level: "debug", time: expect.any(String), message: "plain" },
  ]);
});

test("no secret leaves, here or on the way to the platform, in a message or a field", async () => {
  const { masker, local, entries } = localLog();
  const server = await startServer(() => ({ status: 200 }));
  try {
    const plane = openControlPlane(openSources({ TOKEN: "token-value" }, "/nowhere"), "agent", NO_PROXIES);
    const send = createLogTransport(plane, `${server.url}/logs`, local, new AbortController().signal);
    const shipper = new LogShipper({ send, lost: () => {} }, new ManualClock());
    new PlatformLogger(local, shipper, masker).log("error", "got very-secret", {
      key: "very-secret",
      count: 1,
    });
    await shipper.close(2000);
    expect(entries()[0]).toMatchObject({ message: "got ***", fields: { key: "***", count: 1 } });
    expect(server.requests[0]).toMatchObject({
      path: "/logs",
      headers: { authorization: "Bearer token-value" },
      body: {
        logs: [{ date: "2023-11-14T22:13:20.000000", level: "error", message: "got *** (key=***, count=1)" }],
      },
    });
  } finally {
    await server.close();
  }
});

test("debug lines stay here, and only the first critical line is critical for the platform", async () => {
  const { masker, local, entries } = localLog();
  const shipped: string[] = [];
  const shipper = new LogShipper(
    {
      send: async (lines) => {
        shipped.push(...lines.map(({ level, message }) => `${level}:${message}`));
        return "taken";
      },
      lost: () => {},
    },
    new ManualClock(),
  );
  const logger = new PlatformLogger(local, shipper, masker);
  logger.log("debug", "a detail that nobody asked for");
  logger.minLevel = "debug";
  logger.log("debug", "detail");
  expect(logger.criticalSent).toBe(false);
  logger.log("critical", "one");
  logger.log("critical", "two");
  await shipper.close(1000);
  expect(logger.criticalSent).toBe(true);
  expect(shipped).toEqual(["critical:one", "error:two"]);
  expect(entries().map(({ level }) => level)).toEqual(["debug", "critical", "critical"]);
});

test.each([
  { name: "a refusal loses the lines", status: 400, outcome: "refused" },
  { name: "too many requests keep them", status: 429, outcome: "failed" },
  { name: "a broken platform keeps them", status: 503, outcome: "failed" },
])("transport: $name, and the trouble is reported once", async ({ status, outcome }) => {
  const { local, entries } = localLog();
  const server = await startServer(() => ({ status }));
  try {
    const plane = openControlPlane(openSources({}, "/nowhere"), "agent", NO_PROXIES);
    const send = createLogTransport(plane, server.url, local, new AbortController().signal);
    expect([await send([]), await send([])]).toEqual([outcome, outcome]);
    expect(entries()).toMatchObject([{ level: "warning", fields: { cause: `HTTP ${status}` } }]);
  } finally {
    await server.close();
  }
});

test("transport: an endpoint that hangs is given up when the module ends", async () => {
  const { local } = localLog();
  const server = await startServer(() => null);
  try {
    const closing = new AbortController();
    const plane = openControlPlane(openSources({}, "/nowhere"), "agent", NO_PROXIES);
    const outcome = createLogTransport(plane, server.url, local, closing.signal)([]);
    closing.abort();
    expect(await outcome).toBe("failed");
  } finally {
    await server.close();
  }
});

test("a log line holds no character that a terminal would obey", () => {
  const written: string[] = [];
  const local = createLocalLogger(new Masker(), { write: (line) => written.push(line) });
  local.log("error", "not the intake", { answer: "\u009b2J\u202etxt" });
  expect(written[0]).not.toMatch(/[\u0080-\u009f\u202a-\u202e]/);
  expect(JSON.parse(written[0] ?? "")).toMatchObject({ fields: { answer: "\u009b2J\u202etxt" } });
});
