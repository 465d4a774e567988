import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { EventHubConsumerClient } from "@azure/event-hubs";
import { expect, onTestFinished, test } from "vitest";
import { closeInTime } from "../../support/close-in-time.ts";
import { configOf, HUB, subscribe, take } from "./harness.ts";

async function startProcess() {
  const folder = mkdtempSync(path.join(tmpdir(), "hub-process-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = path.join(folder, "Config.json");
  writeFileSync(config, JSON.stringify(configOf(2)));
  const file = path.resolve(import.meta.dirname, "../../../src/local/hub/process.ts");
  const child = spawn(process.execPath, [file, "--config", config], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value ?? "null");
  const command = async (line: string) => {
    child.stdin.write(`${line}\n`);
    return answer();
  };
  return { child: child as ChildProcess, ready: await answer(), command, endInput: () => child.stdin.end() };
}

test("the process says where it listens, obeys, and ends with its input", async () => {
  const { child, ready, command, endInput } = await startProcess();
  const append = { hub: HUB, partitionId: "0", bodies: ["a", "b"], times: 500 };
  expect(await command(JSON.stringify({ append }))).toEqual({ appended: 1000 });
  expect(await command("{nonsense")).toMatchObject({ error: expect.any(String) });
  expect(await command(JSON.stringify({ append: { ...append, hub: "nohub" } }))).toEqual({
    error: "the local hub has no event hub 'nohub'",
  });
  const consumer = new EventHubConsumerClient("$Default", ready.connectionString, HUB);
  onTestFinished(() => closeInTime(consumer));
  const events = await take(subscribe(consumer, "0"), 1000);
  expect(String(events[999]?.body)).toBe("b");
  expect(await command('{"stats":true}')).toMatchObject({
    connections: 1,
    cpu: { user: expect.any(Number) },
  });
  await closeInTime(consumer);
  endInput();
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("the process ends on SIGTERM", async () => {
  const { child } = await startProcess();
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});
