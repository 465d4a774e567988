import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";

test("SIGUSR1 opens no debugger in a command", async () => {
  const args = ["--disable-warning=ExperimentalWarning", "src/cli/main.ts", "intake", "--port", "0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  }
  await eventually(() => output.includes("http://127.0.0.1"));
  child.kill("SIGUSR1");
  // The signal comes before this one.
  child.kill("SIGTERM");
  await exited;
  expect(output).not.toContain("Debugger");
}, 60_000);
