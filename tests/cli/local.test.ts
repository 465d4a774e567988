import { PassThrough, Readable } from "node:stream";
import { Command } from "commander";
import { expect, test } from "vitest";
import { registerLocal } from "../../src/cli/local.ts";
import { isListening } from "../support/is-listening.ts";
import { startInGroup } from "../support/process-group.ts";

function startLocal(args: readonly string[]) {
  return startInGroup(process.execPath, ["src/cli/main.ts", "local", ...args]);
}

test("local --once ends by itself with every sample in the intake", async () => {
  const { output, closed } = startLocal(["--once"]);
  expect(await closed, output()).toEqual([0, null]);
  const renamed = "Pipin.Saquet@theShire.com performed Rename device ManagedDevice in Intune";
  expect(output().match(new RegExp(`^event +${renamed}$`, "gm"))).toHaveLength(2);
  expect(output().match(/^alert .*$/gm)).toEqual([
    expect.stringMatching(/^alert +medium: Microsoft Intune Non-Compliant Device \(\S.*\), 2 events$/),
  ]);
  expect(output()).toMatch(/^alerts +1 open$/m);
  expect(output()).toMatch(/^event .*^10 events sent, 10 accepted, 0 lost$/ms);
});

test("Ctrl-C, given twice as npm does, drains the trigger and leaves no server", async () => {
  const { child, output, closed } = startLocal([]);
  await expect.poll(output, { timeout: 60_000, interval: 50 }).toContain("end them with Ctrl-C");
  const ports = [...output().matchAll(/^(?:hub|storage|intake) .*127\.0\.0\.1:(\d+)/gm)].map(([, port]) =>
    Number(port),
  );
  expect(await Promise.all(ports.map(isListening))).toEqual([true, true, true]);
  const group = -(child.pid ?? Number.NaN);
  process.kill(group, "SIGINT");
  process.kill(group, "SIGINT");
  expect(await closed, output()).toEqual([0, null]);
  expect(output()).toContain("everything received is settled and checkpointed");
  expect(await Promise.all(ports.map(isListening))).toEqual([false, false, false]);
});

test("local fails when it is stopped before the samples stand in the intake", async () => {
  const exitCode = process.exitCode;
  const stdout = new PassThrough();
  const signal = AbortSignal.abort(new Error("stopped"));
  const program = new Command("test").exitOverride();
  registerLocal(program, { stdin: Readable.from([]), stdout, stderr: stdout }, () => ({
    signal,
    release: () => undefined,
  }));
  try {
    await program.parseAsync(["local", "--once"], { from: "user" });
    expect(process.exitCode).toBe(1);
    expect(String(stdout.read())).toMatch(/^10 events sent, 0 accepted, 10 lost$/m);
  } finally {
    process.exitCode = exitCode;
  }
});
