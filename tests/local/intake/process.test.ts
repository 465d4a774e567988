import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { call } from "./helpers.ts";

const ENTRY = fileURLToPath(new URL("../../../src/local/intake/process.ts", import.meta.url));

test.each<{ readonly name: string; readonly end: (child: ChildProcess) => void }>([
  { name: "SIGTERM", end: (child) => child.kill("SIGTERM") },
  { name: "the end of its input", end: (child) => child.stdin?.end() },
])("the intake as a process says where it listens and ends on $name", async ({ end }) => {
  const child = spawn(process.execPath, [ENTRY, JSON.stringify({ discard: true })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const { url } = JSON.parse(line) as { url: string };
    expect((await call("POST", `${url}/plain?intake_key=k`, "x")).status).toBe(200);
    end(child);
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});
