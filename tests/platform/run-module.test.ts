import { afterEach, expect, test } from "vitest";
import { COMMAND, startChild } from "./support/child.ts";
import { folderWith } from "./support/folder.ts";
import { startServer, type TestServer } from "./support/http.ts";
import { INCUMBENT } from "./support/settings.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
async function platform(answer: Parameters<typeof startServer>[0] = () => ({ status: 200 })) {
  const server = await startServer(answer);
  servers.push(server);
  return server;
}
type LogBody = { readonly logs: readonly { readonly level: string; readonly message: string }[] };
const shippedLines = (server: TestServer) =>
  server.requests.filter(({ path }) => path === "/logs").flatMap(({ body }) => (body as LogBody).logs);

const CONFIGURATION = JSON.stringify(INCUMBENT);
const SECRETS = ["aHViLXNlY3JldA", "c3RvcmFnZS1zZWNyZXQ", INCUMBENT.intake_key, "platform-token"];

test("the item runs with the platform's files, and the first signal drains it", async () => {
  const server = await platform();
  const folder = folderWith({
    trigger_configuration: CONFIGURATION,
    token: "platform-token\n",
    url_callback: `${server.url}/callback\n`,
  });
  const child = startChild({ BEHAVIOUR: "drain", SYMPHONY_DIR: folder });
  await child.entry(({ message }) => message.startsWith("working"));
  const { fields } = await child.entry(({ message }) =>
    message.startsWith("/health is served at http://127.0.0.1:"),
  );
  expect((await fetch(`http://127.0.0.1:${fields?.["port"]}/health`)).status).toBe(200);
  const metrics = await child.entry(({ message }) => message.startsWith("/metrics is served at "));
  const scraped = await (await fetch(`http://127.0.0.1:${metrics.fields?.["port"]}/metrics`)).text();

  child.process.kill("SIGTERM");
  expect(await child.exit).toBe(0);
  expect(child.entries().map(({ message }) => message.replace(/ at http:.*/, ""))).toEqual([
    "/health is served",
    "/ready is served",
    "/metrics is served",
    "working with ***",
    "stopping on SIGTERM; a second signal ends at once",
    "drained",
  ]);
  expect(shippedLines(server).map(({ message }) => message)).toContain("working with *** (intake_key=***)");
  for (const secret of SECRETS) {
    expect(child.output() + scraped + JSON.stringify(shippedLines(server))).not.toContain(secret);
  }
});

test("a process that verifies no certificate says so at its start, and one that does says nothing", async () => {
  for (const [value, told] of [
    ["0", 1],
    ["1", 0],
  ] as const) {
    const child = startChild({
      BEHAVIOUR: "drain",
      TRIGGER_CONFIGURATION: CONFIGURATION,
      NODE_TLS_REJECT_UNAUTHORIZED: value,
    });
    await child.entry(({ message }) => message.startsWith("working"));
    const lines = child
      .entries()
      .filter(({ message }) => message.includes("no server's certificate is verified"));
    expect(lines.map(({ level }) => level)).toEqual(Array(told).fill("warning"));
    child.process.kill("SIGTERM");
    expect(await child.exit).toBe(0);
  }
});

test("the second signal ends at once", async () => {
  const child = startChild({ BEHAVIOUR: "hang", TRIGGER_CONFIGURATION: CONFIGURATION });
  await child.entry(({ message }) => message === "working");
  child.process.kill("SIGINT");
  await child.entry(({ message }) => message.startsWith("stopping on SIGINT"));
  child.process.kill("SIGTERM");
  expect(await child.exit).toBe(143);
});

test("a wrong configuration: a line a problem, then one critical line, exit code 2, no secret and no stack", async () => {
  const server = await platform();
  const wrong = {
    ...INCUMBENT,
    hub_name: undefined,
    chunk_size: 0,
    hub_connection_string: "hub-secret-value",
  };
  const child = startChild({
    BEHAVIOUR: "drain",
    CONNECTOR_CONFIGURATION: Buffer.from(JSON.stringify(wrong)).toString("base64"),
    FREQUENCY_MAX_TIME: "soon",
    LIVENESS_PORT: "eighty",
    TOKEN: "platform-token",
    URL_LOGS: `${server.url}/logs`,
  });
  expect(await child.exit).toBe(2);
  const told = child.entries().map(({ level, message }) => `${level}: ${message}`);
  expect(told).toEqual([
    expect.stringMatching(/^error: `liveness_port` must be a port.*`8000`$/),
    expect.stringMatching(/^error: `frequency_max_time` must be seconds.*`10`$/),
    expect.stringMatching(/^error: `hub_name` \(Event Hub name\) is missing.*`security-logs`$/),
    expect.stringMatching(/^error: `hub_connection_string` .*does not have the expected form.*Endpoint=sb:/),
    expect.stringMatching(/^error: `chunk_size` .*must be at least 1.*`1000`$/),
    "critical: Configuration error",
  ]);
  const shipped = shippedLines(server).map(({ level, message }) => `${level}: ${message}`);
  expect(shipped).toEqual(told);
  expect(child.output()).not.toMatch(/secret-value|\n\s+at |"stack"/);
});

test("on the platform a wrong configuration is reported once, and the process waits to be ended", async () => {
  const server = await platform();
  const child = startChild({
    BEHAVIOUR: "drain",
    TRIGGER_CONFIGURATION: JSON.stringify({
      ...INCUMBENT,
      hub_name: undefined,
    }),
    TOKEN: "platform-token",
    URL_CALLBACK: `${server.url}/callback`,
  });
  await child.entry(({ message }) => message === "Configuration error");
  await expect
    .poll(() => shippedLines(server).map(({ level }) => level), { timeout: 20_000 })
    .toEqual(expect.arrayContaining(["error", "critical"]));
  expect(child.process.exitCode).toBeNull();
  child.process.kill("SIGTERM");
  expect(await child.exit).toBe(2);
  expect(child.entries().filter(({ level }) => level === "critical")).toHaveLength(1);
});

test("no configuration at all is one clear line, even if the platform's log endpoint is dead", async () => {
  const server = await platform();
  await server.close();
  const child = startChild({
    BEHAVIOUR: "drain",
    URL_LOGS: `${server.url}/logs`,
    TOKEN: "platform-token",
  });
  expect(await child.exit).toBe(2);
  const errors = child.entries().filter(({ level }) => level === "error");
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^no configuration was found: .*trigger_configuration.*TRIGGER_CONFIGURATION/),
  ]);
});

test("a person's file replaces the platform's sources, opens no port, and its unknown settings are only a warning", async () => {
  const folder = folderWith({ "mine.json": JSON.stringify({ ...INCUMBENT, former_option: 1 }) });
  const child = startChild({ BEHAVIOUR: "drain", LIVENESS_PORT: "", METRICS_PORT: "" }, [
    COMMAND,
    "--config",
    `${folder}/mine.json`,
    "--symphony-dir",
    folder,
  ]);
  await child.entry(({ message }) => message.startsWith("working"));
  child.process.kill("SIGINT");
  expect(await child.exit).toBe(0);
  expect(child.entries().slice(0, 2)).toMatchObject([
    { level: "warning", message: "the setting former_option is unknown and has no effect" },
    { level: "info", message: "working with ***" },
  ]);
});

test("an exception that nobody caught drains the item and starts it again; a rejection is only told", async () => {
  const child = startChild({ BEHAVIOUR: "throwOnce", TRIGGER_CONFIGURATION: CONFIGURATION });
  expect(await child.exit).toBe(0);
  const told = child.entries().map(({ message }) => message);
  expect(told).toContain("an error was not handled: a rejection");
  expect(told).toContain("an error was not handled: an exception");
  expect(told.slice(-2)).toEqual(["start 2", "errors"]);
  expect(child.entries().at(-1)?.fields).toEqual({ count: 2 });
});
