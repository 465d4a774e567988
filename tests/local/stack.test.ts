import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOCAL_HUB_NAME } from "../../src/local/defaults.ts";
import { startIntake } from "../../src/local/intake/server.ts";
import { startStack } from "../../src/local/stack.ts";
import { isListening } from "../support/is-listening.ts";

test("hub, storage and intake start and stop as one", async () => {
  const stack = await startStack({ intake: { keys: ["k"] } });
  const ports = [stack.hub.port, stack.storage.port, stack.intake.port];
  try {
    expect(await Promise.all(ports.map(isListening))).toEqual([true, true, true]);
    expect(stack.hub.hub(LOCAL_HUB_NAME).partitionIds).toEqual(["0", "1", "2", "3"]);
  } finally {
    await stack.close();
  }
  expect(await Promise.all(ports.map(isListening))).toEqual([false, false, false]);
});

test("a stack whose last server cannot start leaves none running", async () => {
  const squatter = await startIntake();
  const probe = await startIntake();
  const hubPort = probe.port;
  await probe.close();
  try {
    await expect(startStack({ ports: { hub: hubPort, intake: squatter.port } })).rejects.toMatchObject({
      code: "LOCAL_SERVER_FAILED",
      message: expect.stringContaining(String(squatter.port)),
    });
    expect(await isListening(hubPort)).toBe(false);
  } finally {
    await squatter.close();
  }
});

test("the platform's files hold the settings, readable by their owner alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stack-test-"));
  const stack = await startStack();
  try {
    const files = join(folder, "symphony");
    stack.writePlatformFiles(files, { hub_name: "logs" });
    const read = async (name: string) => JSON.parse(await readFile(join(files, name), "utf8")) as unknown;
    expect(await read("trigger_configuration")).toEqual({ hub_name: "logs" });
    expect(await read("module_configuration")).toEqual({});
    expect((await stat(join(files, "trigger_configuration"))).mode & 0o077).toBe(0);
  } finally {
    await stack.close();
    await rm(folder, { recursive: true });
  }
});
