import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { afterEach, expect, test, vi } from "vitest";
import { logText } from "../../src/cli/log-text.ts";

afterEach(() => vi.unstubAllEnvs());

const screenOf = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY, columns: 80 });
const lineOf = (message: string, fields: object, level = "info") =>
  JSON.stringify({ level, time: "2026-11-24T07:08:09.123Z", message, fields });

test.each([
  {
    name: "a field that the message tells is not told again",
    line: lineOf("partition 3 is read after sequence number 12", { partition: "3", sequenceNumber: 12 }),
    text: "partition 3 is read after sequence number 12",
  },
  {
    name: "nor the parts of an address",
    line: lineOf("/health is served at http://127.0.0.1:8000/health", { host: "127.0.0.1", port: 8000 }),
    text: "/health is served at http://127.0.0.1:8000/health",
  },
  {
    name: "nor a number that the message groups by thousands",
    line: lineOf("so 12,345 events never arrived", { gapEvents: 12345 }),
    text: "so 12,345 events never arrived",
  },
  {
    name: "what only the fields tell is told",
    line: lineOf("partition 3 stands still", { partition: "3", failedForMs: 30 }),
    text: "partition 3 stands still (failedForMs=30)",
  },
])("$name", ({ line, text }) => {
  expect(logText(line, screenOf(false))).toBe(`07:08:09 info     ${text}\n`);
});

test("a terminal shows the level in its colour, unless NO_COLOR is set; a pipe shows none", () => {
  // Node asks many variables for the colours of a terminal; a build server's CI is one of them.
  for (const name of Object.keys(process.env)) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv("TERM", "xterm-256color");
  const { getColorDepth } = WriteStream.prototype;
  const terminal = Object.assign(screenOf(true), { getColorDepth });
  const line = lineOf("the intake takes nothing", {}, "warning");
  expect(logText(line, terminal)).toBe("07:08:09 \u001b[33mwarning \u001b[39m the intake takes nothing\n");
  expect(logText(line, screenOf(false))).not.toContain("\u001b");
  vi.stubEnv("NO_COLOR", "1");
  expect(logText(line, terminal)).toBe("07:08:09 warning  the intake takes nothing\n");
});
