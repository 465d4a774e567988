import { createServer, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { NO_PROXIES } from "../../src/kernel/proxy.ts";
import { startIntake } from "../../src/local/intake/server.ts";
import { makeAuthority } from "./support/certificates.ts";
import { RIGHT_SETTINGS, resultOf, resultsOf } from "./support/check.ts";
import { startProxy } from "./support/proxy.ts";

const settingsFor = (url: string, key = "known-key") => ({
  ...RIGHT_SETTINGS,
  hub_connection_string: "",
  storage_connection_string: "",
  intake_server: url,
  intake_key: key,
});

async function start() {
  const intake = await startIntake({ keys: ["known-key"] });
  onTestFinished(() => intake.close());
  return intake;
}

/** A server that is not an intake. */
async function startServer(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an intake that knows the key passes, and gets no event", async () => {
  const intake = await start();
  const results = await resultsOf(["intake-key", "clock"], settingsFor(`${intake.url}/`));
  expect(results.map(({ status, detail }) => `${status}: ${detail}`)).toEqual([
    "passed: the intake accepts the key",
    expect.stringMatching(/^passed: within \d seconds of the servers' clocks$/),
  ]);
  expect(intake.count()).toBe(0);
});

test("a key that the intake does not know: INTAKE_KEY_REFUSED", async () => {
  const intake = await start();
  const result = await resultOf("intake-key", settingsFor(intake.url, "key-of-another-region"));
  expect(result).toMatchObject({
    status: "failed",
    code: "INTAKE_KEY_REFUSED",
    cause: "the intake refuses the key (HTTP 401)",
    fix: expect.stringContaining("copy intake_key again"),
    guideStep: "step 10, intake",
  });
  expect(JSON.stringify(result)).not.toContain("key-of-another-region");
});

test.each([
  {
    status: 404,
    code: "INTAKE_PATH_WRONG",
    cause: /^there is no intake at 127.*\/here \(HTTP 404\)$/,
    fix: /\/api\/v1\//,
  },
  { status: 302, code: "INTAKE_REDIRECTS", cause: /redirects \(HTTP 302\)/, fix: /intake itself/ },
  { status: 503, code: "INTAKE_FAILS", cause: /^the intake answers HTTP 503$/, fix: /loses nothing/ },
])("a server that answers $status: $code", async ({ status, code, cause, fix }) => {
  const url = await startServer((response) => response.writeHead(status, { location: "/login" }).end());
  expect(await resultOf("intake-key", settingsFor(`${url}/here/`))).toMatchObject({
    status: "failed",
    code,
    cause: expect.stringMatching(cause),
    fix: expect.stringMatching(fix),
  });
});

test("a server that objects to a batch without events, but not to the key, passes", async () => {
  const url = await startServer((response) => response.writeHead(400).end());
  expect(await resultOf("intake-key", settingsFor(url))).toMatchObject({
    status: "passed",
    detail: expect.stringContaining("HTTP 400"),
  });
});

test("a server that hangs up: INTAKE_SILENT", async () => {
  const url = await startServer((response) => response.socket?.destroy());
  expect(await resultOf("intake-key", settingsFor(url))).toMatchObject({
    status: "failed",
    code: "INTAKE_SILENT",
    cause: expect.stringMatching(/^the intake did not answer: .*(hang up|ECONNRESET)/),
    fix: expect.stringContaining("check intake_server"),
  });
});

test("the intake is reached through the proxy", async () => {
  const intake = await start();
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const proxies = { ...NO_PROXIES, proxy: proxy.url };
  expect(await resultOf("intake-key", settingsFor(intake.url), { proxies })).toMatchObject({
    status: "passed",
  });
  expect(proxy.seen).toEqual([`POST ${intake.url}/batch`]);
});

test("an intake with TLS is reached through a tunnel of the proxy", async () => {
  const authority = makeAuthority();
  onTestFinished(() => authority.close());
  authority.trust();
  const server = createTlsServer(authority.issue("localhost"), (request, response) => {
    request.resume();
    response.writeHead(200).end('{"event_ids":[]}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const proxies = { ...NO_PROXIES, proxy: proxy.url };
  expect(await resultOf("intake-key", settingsFor(`https://${host}`), { proxies })).toMatchObject({
    status: "passed",
  });
  expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT ${host}`]));
});

test.each([
  {
    offsetMs: 60_000,
    code: "CLOCK_OFF",
    status: "warning",
    cause: /^this machine's clock is \d\d seconds ahead of that of the server 127\.0\.0\.1:\d+$/,
    fix: /NTP/,
  },
  {
    offsetMs: -900_000,
    code: "CLOCK_FAR_OFF",
    status: "failed",
    cause: /clock is (899|900|901) seconds behind that of the server .*, so keys and tokens are refused$/,
    fix: /NTP/,
  },
])("a clock that is off by $offsetMs ms: $code", async ({ offsetMs, code, status, cause, fix }) => {
  const intake = await start();
  const clock = { ...systemClock, now: () => Date.now() + offsetMs };
  expect(await resultOf("clock", settingsFor(intake.url), { clock })).toMatchObject({
    status,
    code,
    cause: expect.stringMatching(cause),
    fix: expect.stringMatching(fix),
  });
});
