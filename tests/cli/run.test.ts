import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { LOCAL_HUB_NAME } from "../../src/local/defaults.ts";
import { type LocalStack, startStack } from "../../src/local/stack.ts";

const INTAKE_KEY = "the-key-of-the-run-test";
const AS_TERMINAL = "data:text/javascript,process.stdout.isTTY=true;process.stdout.columns=120";

let stack: LocalStack;
let folder: string;

beforeAll(async () => {
  stack = await startStack({ intake: { keys: [INTAKE_KEY] } });
  folder = mkdtempSync(join(tmpdir(), "run-"));
});
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

function startRun(containerName: string, nodeArgs: readonly string[] = []) {
  const config = join(folder, `${containerName}.json`);
  const settings = {
    hub_connection_string: stack.hub.connectionString(LOCAL_HUB_NAME),
    hub_name: LOCAL_HUB_NAME,
    storage_connection_string: stack.storage.connectionString,
    storage_container_name: containerName,
    intake_key: INTAKE_KEY,
    intake_server: stack.intake.url,
  };
  writeFileSync(config, JSON.stringify(settings));
  const child = spawn(process.execPath, [...nodeArgs, "src/cli/main.ts", "run", "--config", config], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const seen = { output: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    seen.output += chunk.toString();
  });
  return { child, seen, exited: once(child, "exit") };
}

test("on a terminal, run shows its progress below the log's text", async () => {
  stack.hub.hub(LOCAL_HUB_NAME).append("2", [Buffer.from("one"), Buffer.from("two"), Buffer.from("three")]);
  const { child, seen, exited } = startRun("terminal", ["--import", AS_TERMINAL]);
  const wanted = /events\/s · lag \w+ · pending 0 · intake HTTP 200 in \d+ ms · forwarded 3/;
  await expect.poll(() => seen.output, { timeout: 20_000 }).toMatch(wanted);
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  expect(stripVTControlCharacters(seen.output)).toMatch(
    /\d\d:\d\d:\d\d info {5}everything received is settled and checkpointed/,
  );
  expect(seen.output).not.toContain(INTAKE_KEY);
});

test("without a terminal, every line of run is a JSON object", async () => {
  const { child, seen, exited } = startRun("lines");
  await expect.poll(() => seen.output, { timeout: 20_000 }).toContain("partition 3 is read");
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  const lines = seen.output.trimEnd().split("\n");
  expect(lines.map((line) => typeof JSON.parse(line).message)).toEqual(lines.map(() => "string"));
});
