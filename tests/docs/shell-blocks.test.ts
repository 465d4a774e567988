import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type LocalStack, startStack } from "../../src/local/stack.ts";
import { eventually } from "../support/eventually.ts";
import { type GroupedProcess, startInGroup } from "../support/process-group.ts";
import { blocksOf, commandsOf, PAGES, ROOT } from "./support/blocks.ts";

/** What cannot run here, and why; its syntax is checked. Everything else runs. */
const NOT_HERE: readonly { readonly command: RegExp; readonly because: string }[] = [
  {
    command: /^npm install\b/,
    because: "a test uses no network; lockfile.test.ts holds what it would install",
  },
  { command: /^npm test\b/, because: "this test is part of it" },
  { command: /^npm run chaos\b/, because: "takes minutes; tests/chaos/chaos.test.ts runs a short one" },
  {
    command: /\bdocker (?:build|run|compose)\b/,
    because: "no container engine; container-files.test.ts reads the files",
  },
  { command: /^kubectl\b/, because: "no cluster; kubernetes.test.ts reads the files" },
];

/** What runs until it is stopped, and what it says once it works. */
const SERVERS: readonly { readonly command: RegExp; readonly ready: RegExp }[] = [
  { command: /eventhub-intake hub\b/, ready: /^Endpoint=sb:/m },
  { command: /eventhub-intake intake\b/, ready: /^http:/m },
  { command: /eventhub-intake studio\b/, ready: /^studio +http:/m },
  { command: /eventhub-intake run\b/, ready: /partition 3 is read/ },
  { command: /^npm start\b/, ready: /end them with Ctrl-C/ },
  { command: /^npx azurite-blob\b/, ready: /successfully listens/ },
];

const PAGE_TIMEOUT_MS = 600_000;
const NOT_LINKED = new Set([".git", "coverage", "settings.json"]);

const pages = PAGES.filter((page) => blocksOf(page).some(({ language }) => language === "sh"));

/** What npx and Node keep between commands. */
let caches: string;
let folder: string;
let stack: LocalStack;
let running: { readonly child: ChildProcess; readonly closed: Promise<unknown> }[];

beforeAll(() => {
  caches = mkdtempSync(join(tmpdir(), "docs-caches-"));
});
afterAll(() => rmSync(caches, { recursive: true, force: true }));

/** A clone to work in, whose settings are those of a local stack. */
beforeEach(async () => {
  running = [];
  folder = mkdtempSync(join(tmpdir(), "docs-clone-"));
  for (const name of readdirSync(ROOT)) {
    if (!NOT_LINKED.has(name)) {
      symlinkSync(join(ROOT, name), join(folder, name));
    }
  }
  stack = await startStack({ intake: { keys: ["key"] } });
  const settings = {
    hub_connection_string: stack.hub.connectionString("intune-logs"),
    hub_name: "intune-logs",
    storage_connection_string: stack.storage.connectionString,
    storage_container_name: "intune-logs",
    intake_key: "key",
    intake_server: stack.intake.url,
  };
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
  stack.writePlatformFiles(join(folder, "symphony"), settings);
}, PAGE_TIMEOUT_MS);

afterEach(async () => {
  for (const { child, closed } of running.toReversed()) {
    if (child.exitCode === null) {
      process.kill(-(child.pid ?? Number.NaN), "SIGTERM");
    }
    await closed;
  }
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
}, PAGE_TIMEOUT_MS);

/** Starts a command of a page. */
function start(command: string): GroupedProcess {
  return startInGroup("sh", ["-c", command], {
    cwd: folder,
    env: {
      ...process.env,
      npm_config_cache: join(caches, "npm"),
      npm_config_offline: "true",
      NODE_COMPILE_CACHE: join(caches, "node"),
    },
  });
}

async function runServer(command: string, ready: RegExp, where: string): Promise<string> {
  const server = start(command);
  running.push(server);
  const isReady = () => ready.test(server.output()) || server.child.exitCode !== null;
  const told = () => `${where}: ${command}\n${server.output()}`;
  await eventually(isReady, told);
  expect(server.child.exitCode, told()).toBeNull();
  return server.output();
}

async function runToItsEnd(command: string, where: string): Promise<string> {
  const { output, closed } = start(command);
  expect(await closed, `${where}: ${command}\n${output()}`).toEqual([0, null]);
  return output();
}

/** Pages name fixed ports; here other programs may have them. */
async function freePorts(): Promise<(text: string) => string> {
  const free = new Map<string, number>();
  for (const port of ["5672", "8080", "8001", "8021", "10000"]) {
    free.set(port, await freePort());
  }
  const swapped = (text: string) =>
    text.replaceAll(/(?<![\d.])(5672|8080|8001|8021|10000)(?!\d)/g, (port) => String(free.get(port)));
  const blobs = free.get("10000");
  return (text) =>
    swapped(text)
      .replace("npx azurite-blob", `npx azurite-blob --blobPort ${blobs}`)
      .replace(
        "UseDevelopmentStorage=true",
        stack.storage.connectionString.replace(/(?<=127\.0\.0\.1:)\d+/, String(blobs)),
      );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : Number.NaN;
}

/** What a page promises right above a block: "*You see* `5 messages sent`". */
function promised(page: string, line: number): string | undefined {
  const above = readFileSync(join(ROOT, page), "utf8")
    .split("\n")
    .slice(0, line - 2);
  const paragraph = above
    .join("\n")
    .trimEnd()
    .split(/\n\s*\n/)
    .at(-1);
  return /\*You see\* `([^`]+)`/.exec(paragraph ?? "")?.[1];
}

test.each(pages)(
  "every command that %s shows runs",
  async (page) => {
    const local = await freePorts();
    for (const block of blocksOf(page)) {
      const { language, line, text } = block;
      if (language === "json" && text.includes('"hub_name"') && !text.includes("…")) {
        writeFileSync(join(folder, "settings.json"), local(text));
      }
      if (language !== "sh") {
        continue;
      }
      execFileSync("sh", ["-n", "-c", text]);
      let output = "";
      for (const shown of commandsOf(block)) {
        const command = local(shown);
        const server = SERVERS.find((known) => known.command.test(command));
        if (NOT_HERE.some((known) => known.command.test(command))) {
          continue;
        }
        const where = `${page}:${line}`;
        output += server ? await runServer(command, server.ready, where) : await runToItsEnd(command, where);
      }
      const sign = promised(page, line);
      if (sign !== undefined) {
        expect(output, `${page}:${line}`).toContain(sign);
      }
    }
  },
  PAGE_TIMEOUT_MS,
);

test("what cannot run here is still shown somewhere", () => {
  const commands = pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === "sh")
      .flatMap(commandsOf),
  );
  for (const { command, because } of NOT_HERE) {
    expect(
      commands.some((shown) => command.test(shown)),
      because,
    ).toBe(true);
  }
});

test("npx finds the command in a clone", () => {
  const version = execFileSync("npx", ["eventhub-intake", "--version"], { cwd: ROOT, encoding: "utf8" });
  expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
});
