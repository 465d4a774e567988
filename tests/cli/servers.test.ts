import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerHub } from "../../src/cli/hub.ts";
import { registerIntake } from "../../src/cli/intake.ts";
import { registerSend } from "../../src/cli/send.ts";
import { LOCAL_HUB_CONFIG, LOCAL_HUB_NAME } from "../../src/local/defaults.ts";
import { type LocalHubServer, startHub } from "../../src/local/hub/server.ts";
import { runCommand } from "./run.ts";

type Register = typeof registerHub;

/** Runs a command until its first output; `look` sees that, then the command is told to stop. */
async function runUntil(
  register: Register,
  args: readonly string[],
  look: (printed: string) => Promise<void>,
): Promise<string> {
  const stop = new AbortController();
  const stdout = new PassThrough();
  const program = new Command("test").exitOverride().configureOutput({ writeErr: () => undefined });
  let isReleased = false;
  register(program, { stdin: Readable.from([]), stdout, stderr: new PassThrough() }, () => ({
    signal: stop.signal,
    release: () => {
      isReleased = true;
    },
  }));
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  let seen: Promise<void> = Promise.resolve();
  stdout.once("data", (data: Buffer) => {
    seen = look(data.toString()).finally(() => stop.abort(new Error("stopped")));
  });
  const printed = text(stdout);
  try {
    await program.parseAsync(args, { from: "user" });
    await seen;
    expect(isReleased).toBe(true);
  } finally {
    stdout.end();
  }
  return printed;
}

const asIs = () => Promise.resolve();
let hub: LocalHubServer;
let folder: string;

beforeAll(async () => {
  hub = await startHub({ config: LOCAL_HUB_CONFIG, port: 0 });
  folder = mkdtempSync(join(tmpdir(), "cli-test-"));
});
afterAll(async () => {
  await hub?.close();
  rmSync(folder, { recursive: true });
});

function stored(): number {
  const { partitionIds, state } = hub.hub(LOCAL_HUB_NAME);
  return partitionIds.reduce((sum, id) => sum + state(id).lastSequenceNumber + 1, 0);
}

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("hub tells its connection string and its event hubs, and takes events until it is stopped", async () => {
  const printed = await runUntil(registerHub, ["hub", "--json"], async (line) => {
    const { port, connectionString } = JSON.parse(line) as { port: number; connectionString: string };
    expect(connectionString).toContain(`sb://localhost:${port};`);
    const sent = await runUntil(registerSend, ["send", "--port", String(port), "--json"], asIs);
    expect(JSON.parse(sent)).toMatchObject({ sent: 5 });
  });
  expect(JSON.parse(printed)).toMatchObject({ hubs: [{ name: LOCAL_HUB_NAME, partitionCount: 4 }] });
});

test("hub reads the emulator's configuration", async () => {
  const entities = [{ Name: "audit", PartitionCount: "2", ConsumerGroups: [{ Name: "soc" }] }];
  const config = fileOf(
    "Config.json",
    JSON.stringify({ UserConfig: { NamespaceConfig: [{ Entities: entities }] } }),
  );
  const printed = await runUntil(registerHub, ["hub", "--config", config], asIs);
  expect(printed).toMatch(/^Endpoint=sb:.*\nevent hub audit: 2 partitions, consumer groups .*soc/);
});

test.each([
  { args: ["--tls"], over: "tcp" },
  { args: ["--tls", "--websockets"], over: "websocket" },
])(
  "hub $args speaks to a client that trusts the authority in its file",
  async ({ args: [tls = "", ...more], over }) => {
    const file = join(folder, `${over}.pem`);
    await runUntil(registerHub, ["hub", tls, file, ...more, "--json"], async (line) => {
      const { connectionString, authority } = JSON.parse(line) as {
        connectionString: string;
        authority: string;
      };
      expect(authority).toBe(file);
      const client = fileURLToPath(new URL("../local/hub/tls-client.ts", import.meta.url));
      const run = (env: object) =>
        promisify(execFile)(process.execPath, [client, connectionString, LOCAL_HUB_NAME, over], {
          env: { ...process.env, ...env },
          timeout: 20_000,
        });
      expect((await run({ NODE_EXTRA_CA_CERTS: file })).stdout).toBe("over TLS");
      await expect(run({})).rejects.toThrow(/certificate/);
    });
  },
);

test("intake tells its address and keeps to its keys until it is stopped", async () => {
  await runUntil(registerIntake, ["intake", "--key", "a", "b"], async (url) => {
    const post = (key: string) =>
      fetch(`${url.trim()}/plain?intake_key=${key}`, { method: "POST", body: "an event" });
    expect((await post("b")).status).toBe(200);
    expect((await post("c")).status).toBe(401);
  });
  const database = join(folder, "events.db");
  const printed = await runUntil(registerIntake, ["intake", "--json", "--database", database], asIs);
  expect(JSON.parse(printed)).toEqual({
    url: expect.stringContaining("127.0.0.1"),
    port: expect.any(Number),
  });
});

test("intake holds events against rules and indicators of one's own, and shows the rules and alerts", async () => {
  const rules = join(folder, "own-rules");
  mkdirSync(rules);
  const rule = "title: Own\nlevel: high\nlogsource: {}\ndetection: { s: { message: '5' }, condition: s }\n";
  writeFileSync(join(rules, "own.yml"), rule);
  const indicators = join(folder, "feed.csv");
  writeFileSync(indicators, "type,value\nipv4-addr,203.0.113.9\n");
  const args = ["intake", "--rules", rules, "--dialect", "standard", "--indicators", indicators];
  let alerts: unknown;
  let known: unknown;
  await runUntil(registerIntake, args, async (url) => {
    await fetch(`${url.trim()}/plain?intake_key=k`, { method: "POST", body: "5" });
    alerts = await (await fetch(`${url.trim()}/alerts`)).json();
    known = await (await fetch(`${url.trim()}/rules`)).json();
  });
  expect(alerts).toMatchObject({
    alerts: [{ rule: { title: "Own" }, level: "high", state: "open", events: 1 }],
  });
  expect(JSON.stringify(known)).toContain("Own");
  await expect(runUntil(registerIntake, ["intake", "--dialect", "x"], asIs)).rejects.toThrow(/--dialect x/);
});

test("intake keeps raw and ECS event side by side, by the format that was chosen", async () => {
  const formatFolder = join(folder, "own-format");
  mkdirSync(join(formatFolder, "ingest"), { recursive: true });
  const parser =
    'name: own\npipeline: [{name: all}]\nstages: {all: {actions: [{set: {event.code: "x-{{original.message}}"}}]}}\n';
  writeFileSync(join(formatFolder, "ingest", "parser.yml"), parser);
  const eventsOf = async (args: readonly string[]) => {
    let page: unknown;
    await runUntil(registerIntake, ["intake", ...args], async (url) => {
      await fetch(`${url.trim()}/plain?intake_key=k`, { method: "POST", body: "5" });
      page = await (await fetch(`${url.trim()}/events`)).json();
    });
    return page;
  };
  expect(await eventsOf(["--format", formatFolder])).toMatchObject({
    events: [{ raw: "5", ecs: { message: "5", event: { code: "x-5" } } }],
  });
  expect(await eventsOf([])).toMatchObject({
    events: [{ raw: "5", ecs: { message: "5", event: { kind: "event", type: ["info"] } } }],
  });
  await expect(eventsOf(["--format", "none"])).rejects.toThrow(/there is no format none/);
});

test("send puts each line into the hub, over and over up to the count", async () => {
  const before = stored();
  const events = fileOf("events.log", "one\n\ntwo\r\nthree");
  const to = hub.connectionString();
  const args = ["send", events, "--to", to, "--hub", LOCAL_HUB_NAME, "--count", "7"];
  expect(await runUntil(registerSend, args, asIs)).toMatch(/^7 messages sent in \d+\.\d s\n$/);
  expect(stored() - before).toBe(7);
});

test("send - puts each line of standard input into the hub", async () => {
  const before = stored();
  const printed = await runCommand(
    registerSend,
    ["send", "--to", hub.connectionString(), "--hub", LOCAL_HUB_NAME, "-"],
    "one\n\n",
  );
  expect(printed).toMatch(/^1 message sent in /);
  expect(stored() - before).toBe(1);
});

test.each([
  { name: "send without a hub", register: registerSend, args: ["send"], error: /--port.*or by --to/ },
  {
    name: "send with two hubs",
    register: registerSend,
    args: ["send", "--port", "1", "--to", "x"],
    error: /--port.*or by --to/,
  },
  {
    name: "send with a file that is missing",
    register: registerSend,
    args: ["send", "no-such-file", "--port", "1"],
    error: /no-such-file cannot be read/,
  },
  { name: "a rate of nothing", register: registerSend, args: ["send", "--rate", "0"], error: /above 0/ },
  { name: "a port that is none", register: registerIntake, args: ["intake", "--port", "x"], error: /65535/ },
  {
    name: "a hub configuration that is missing",
    register: registerHub,
    args: ["hub", "--config", "no-such-file"],
    error: /no-such-file cannot be read/,
  },
])("refused: $name", async ({ register, args, error }) => {
  await expect(runUntil(register, args, asIs)).rejects.toThrow(error);
});

test("refused: files without an event, and a configuration that is not JSON", async () => {
  const empty = fileOf("empty.log", "\n\n");
  await expect(runUntil(registerSend, ["send", empty, "--port", "1"], asIs)).rejects.toThrow(/holds no line/);
  await expect(runUntil(registerHub, ["hub", "--config", empty], asIs)).rejects.toThrow(/is not JSON/);
});
