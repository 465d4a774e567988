import { afterEach, expect, test } from "vitest";
import { NO_PROXIES } from "../../src/kernel/proxy.ts";
import { fetchSecrets } from "../../src/platform/config/secrets.ts";
import { openSources } from "../../src/platform/config/sources.ts";
import { openControlPlane } from "../../src/platform/control-plane.ts";
import { startProxy } from "../preflight/support/proxy.ts";
import { HastyClock } from "./support/hasty-clock.ts";
import { startServer, type TestServer } from "./support/http.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function platform(...args: Parameters<typeof startServer>) {
  const server = await startServer(...args);
  servers.push(server);
  const env = { URL_CALLBACK: `${server.url}/api/callback`, TOKEN: "platform-token" };
  return {
    server,
    plane: openControlPlane(openSources(env, "/nowhere"), "sekoiaio-connector/slug-1.2.3", NO_PROXIES),
  };
}
const never = new AbortController().signal;

test("the addresses follow from the callback's, unless they are given", () => {
  const derived = openControlPlane(
    openSources({ URL_CALLBACK: "https://p/api/callback" }, "/nowhere"),
    "agent",
    NO_PROXIES,
  );
  expect([derived.secretsUrl, derived.logsUrl]).toEqual(["https://p/api/secrets", "https://p/api/logs"]);
  const given = openControlPlane(
    openSources(
      { URL_CALLBACK: "https://p/callback", URL_SECRETS: "https://s", URL_LOGS: "https://l" },
      "/nowhere",
    ),
    "agent",
    NO_PROXIES,
  );
  expect([given.secretsUrl, given.logsUrl]).toEqual(["https://s", "https://l"]);
});

test("secrets: they are asked for with the token, by a module that says who it is", async () => {
  const { server, plane } = await platform(() => ({ status: 200, json: { value: { api_key: "hidden" } } }));
  expect(await fetchSecrets(plane, new HastyClock(), never)).toEqual({ api_key: "hidden" });
  expect(server.requests[0]).toMatchObject({
    method: "GET",
    path: "/api/secrets",
    headers: { authorization: "Bearer platform-token", "user-agent": "sekoiaio-connector/slug-1.2.3" },
  });
});

test("the platform is reached through the proxy", async () => {
  const server = await startServer(() => ({ status: 200, json: { value: { api_key: "hidden" } } }));
  servers.push(server);
  const proxy = await startProxy();
  const sources = openSources({ URL_CALLBACK: `${server.url}/callback` }, "/nowhere");
  const plane = openControlPlane(sources, "agent", { proxy: proxy.url, bypass: "" });
  expect(await fetchSecrets(plane, new HastyClock(), never)).toEqual({ api_key: "hidden" });
  expect(proxy.seen).toEqual([`GET ${server.url}/secrets`]);
  await proxy.close();
});

test("secrets: a platform that stumbles is asked again, with growing waits", async () => {
  const { plane } = await platform((_, index) =>
    index < 5 ? { status: 503 } : { status: 200, json: { value: {} } },
  );
  const clock = new HastyClock();
  expect(await fetchSecrets(plane, clock, never)).toEqual({});
  expect(clock.waitsMs).toEqual([1000, 2000, 4000, 8000, 10_000]);
});

test.each([
  { name: "a refusal", answer: { status: 401 }, cause: "HTTP 401" },
  {
    name: "an answer of another shape",
    answer: { status: 200, json: { secrets: 1 } },
    cause: "an answer without a value",
  },
])("secrets: $name fails after ten attempts", async ({ answer, cause }) => {
  const { server, plane } = await platform(() => answer);
  await expect(fetchSecrets(plane, new HastyClock(), never)).rejects.toThrow(
    `the platform did not hand out the module's secrets in 10 attempts (${cause}); check token and url_secrets`,
  );
  expect(server.requests).toHaveLength(10);
});

test("secrets: without an address there is nobody to ask, and a stop ends the waiting", async () => {
  const alone = openControlPlane(openSources({}, "/nowhere"), "agent", NO_PROXIES);
  await expect(fetchSecrets(alone, new HastyClock(), never)).rejects.toThrow(
    /set url_secrets or url_callback/,
  );
  const { plane } = await platform(() => ({ status: 503 }));
  const stop = new AbortController();
  stop.abort();
  await expect(fetchSecrets(plane, new HastyClock(), stop.signal)).rejects.toBe(stop.signal.reason);
});
