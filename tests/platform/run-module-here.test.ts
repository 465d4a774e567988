import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AppError, InputInvalid } from "../../src/kernel/errors.ts";
import { readCommandLine } from "../../src/platform/config/command-line.ts";
import { SecretsUnavailable } from "../../src/platform/errors.ts";
import type { Handler, ModuleOptions } from "../../src/platform/run-module.ts";
import { runModule } from "../../src/platform/run-module.ts";
import { COMMAND, type Entry } from "./support/child.ts";
import { folderWith } from "./support/folder.ts";
import { startServer } from "./support/http.ts";
import { INCUMBENT, MODULE_DIR, NO_TELEMETRY } from "./support/settings.ts";

/** A run in this process, which the tests can see into; what needs signals or an exit runs in a child instead. */
async function run(
  handler: Handler,
  { argv = [COMMAND], ...options }: Partial<ModuleOptions> & { readonly argv?: readonly string[] } = {},
) {
  const lines: string[] = [];
  const code = await runModule({
    commandLine: () => readCommandLine(argv),
    telemetry: NO_TELEMETRY,
    moduleDir: MODULE_DIR,
    handlers: { [COMMAND]: handler },
    output: { write: (line) => lines.push(line) },
    ...options,
    env: {
      SYMPHONY_DIR: "/nowhere",
      LIVENESS_PORT: "off",
      METRICS_PORT: "off",
      TRIGGER_CONFIGURATION: JSON.stringify(INCUMBENT),
      ...options.env,
    },
  });
  const entries: Entry[] = lines.map((line) => JSON.parse(line));
  return { code, lines, told: entries.map(({ level, message }) => `${level}: ${message}`) };
}
const idle: Handler = async () => {};

class Retried extends AppError {
  readonly code = "HUB_UNREACHABLE";
  readonly disposition = "retry";
}

test.each([
  {
    name: "an unknown command",
    argv: ["other"],
    told: `critical: the command other is unknown; this module runs ${COMMAND}`,
  },
  { name: "no command", argv: [], told: `critical: no command was given; this module runs ${COMMAND}` },
  { name: "an unknown option", argv: [COMMAND, "--nothing"], told: expect.stringContaining("--nothing") },
])("$name is reported, exit code 2", async ({ argv, told }) => {
  expect(await run(idle, { argv })).toMatchObject({ code: 2, told: [told] });
});

test("a command that nobody implements is reported, exit code 2", async () => {
  const { code, told } = await run(idle, { handlers: {} });
  expect([code, told]).toEqual([2, [expect.stringContaining(`the command ${COMMAND} is unknown`)]]);
});

test("an unknown setting is named beside what is wrong: it may be the missing one, misspelt", async () => {
  const { hub_name, ...rest } = INCUMBENT;
  const env = { TRIGGER_CONFIGURATION: JSON.stringify({ ...rest, hub_nmae: hub_name }) };
  expect(await run(idle, { env })).toMatchObject({
    code: 2,
    told: [
      expect.stringMatching(/^error: `hub_name` \(.*\) is missing/),
      "error: `hub_nmae` is not a setting; check its spelling",
      "critical: Configuration error",
    ],
  });
});

test("all problems of all sources are reported together, exit code 2", async () => {
  const env = {
    TRIGGER_CONFIGURATION: "[]",
    MODULE_CONFIGURATION: "null",
    FREQUENCY_MAX_TIME: "soon",
    METRICS_PORT: "x",
  };
  expect(await run(idle, { env })).toMatchObject({
    code: 2,
    told: [
      expect.stringContaining("`metrics_port`"),
      expect.stringContaining("`frequency_max_time`"),
      expect.stringContaining("environment variable MODULE_CONFIGURATION holds nothing"),
      expect.stringContaining("environment variable TRIGGER_CONFIGURATION holds a list"),
      "critical: Configuration error",
    ],
  });
});

test.each([
  { name: "a wrong input", error: new InputInvalid("the file is empty"), exitCode: 2 },
  { name: "secrets that nobody hands out", error: new SecretsUnavailable("nowhere to ask"), exitCode: 1 },
])("an item that must stop for $name says why once, exit code $exitCode", async ({ error, exitCode }) => {
  const { code, told } = await run(() => Promise.reject(error));
  expect([code, told]).toEqual([exitCode, [`critical: ${error.message}`]]);
});

test("what a broken module throws is reported with its place, exit code 1", async () => {
  const handlers = {
    get [COMMAND](): Handler {
      throw new TypeError("out of order");
    },
  };
  const { code, lines } = await run(idle, { handlers });
  expect([code, lines.length]).toEqual([1, 1]);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "critical",
    message: "the module failed unexpectedly: out of order",
    fields: { stack: expect.stringContaining("TypeError") },
  });
});

test("a module with secrets is given them: its configuration is whole, and they are masked", async () => {
  const server = await startServer(({ path }) => ({
    status: 200,
    json: path === "/secrets" ? { value: { api_key: "module-secret" } } : {},
  }));
  try {
    const manifest = JSON.parse(readFileSync(`${MODULE_DIR}/manifest.json`, "utf8"));
    const configuration = {
      type: "object",
      properties: { tenant: { type: "string" }, api_key: { type: "string" } },
      required: ["tenant", "api_key"],
      secrets: ["api_key"],
    };
    const moduleDir = folderWith({
      "manifest.json": JSON.stringify({ ...manifest, configuration }),
      "trigger_consume_eventhub.json": readFileSync(`${MODULE_DIR}/trigger_consume_eventhub.json`, "utf8"),
    });
    const announce: Handler = async ({ userAgent, limits, logger }) => {
      logger.log("info", `${userAgent} ${limits.frequencyMaxSeconds} module-secret`);
    };
    const env = {
      MODULE_CONFIGURATION: '{"tenant":"t"}',
      URL_CALLBACK: `${server.url}/callback`,
      TOKEN: "platform-token",
    };
    expect(await run(announce, { moduleDir, env })).toMatchObject({
      code: 0,
      told: [`info: sekoiaio-connector/azure-eventhub-${manifest.version} 10 ***`],
    });
  } finally {
    await server.close();
  }
});

test("an item that fails is restarted, and its health remembers it", async () => {
  let runs = 0;
  const { code, told } = await run(async ({ health, logger }) => {
    if (++runs === 1) {
      throw new Error("a bad moment");
    }
    logger.log("info", `${health.errorCount} error`);
  });
  expect([code, told]).toEqual([0, ["error: an error was not handled: a bad moment", "info: 1 error"]]);
});

test("debug lines are written only when they are asked for", async () => {
  const item: Handler = async ({ logger }) => logger.log("debug", "a detail");
  expect((await run(item)).told).toEqual([]);
  expect((await run(item, { env: { LOG_LEVEL: "debug" } })).told).toEqual(["debug: a detail"]);
});

test("an error that says what to do is reported without its place in the code", async () => {
  let runs = 0;
  const { code, lines } = await run(async () => {
    if (++runs === 1) {
      throw new Retried("nobody took the event; it is sent again");
    }
  });
  expect([code, runs, lines.length]).toEqual([0, 2, 1]);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "error",
    message: "nobody took the event; it is sent again",
    fields: { code: "HUB_UNREACHABLE" },
  });
});

test("a command opens no pages, and what it throws ends it", async () => {
  let runs = 0;
  const { code, told } = await run(
    async () => {
      runs++;
      throw new Error("the storage did not answer");
    },
    { kind: "command", env: { LIVENESS_PORT: "0", METRICS_PORT: "0" } },
  );
  expect({ code, runs, told }).toEqual({
    code: 1,
    runs: 1,
    told: ["critical: the module failed unexpectedly: the storage did not answer"],
  });
});

test("the log endpoint may be dead: the lines are counted as lost, and the run takes no notice", async () => {
  const server = await startServer(() => null);
  try {
    const { code, told } = await run(async ({ logger }) => logger.log("error", "nobody hears this"), {
      env: { URL_LOGS: server.url },
    });
    expect([code, told[0]]).toEqual([0, "error: nobody hears this"]);
  } finally {
    await server.close();
  }
});
