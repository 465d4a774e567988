import { expect, test } from "vitest";
import { readCommandLine } from "../../../src/platform/config/command-line.ts";
import { readLimits, readServerSettings } from "../../../src/platform/config/environment.ts";
import { openSources } from "../../../src/platform/config/sources.ts";

const sources = (env: Record<string, string>) => openSources(env, "/nowhere");

test.each([
  {
    name: "a container serves on the platform's ports",
    env: {},
    onByDefault: true,
    liveness: 8000,
    metrics: 8020,
  },
  {
    name: "a person's run serves nothing unasked",
    env: {},
    onByDefault: false,
    liveness: null,
    metrics: null,
  },
  {
    name: "a port of one's own",
    env: { LIVENESS_PORT: "0", METRICS_PORT: "9000" },
    onByDefault: false,
    liveness: 0,
    metrics: 9000,
  },
  {
    name: "off is not a server",
    env: { LIVENESS_PORT: "off" },
    onByDefault: true,
    liveness: null,
    metrics: 8020,
  },
])("servers: $name", ({ env, onByDefault, liveness, metrics }) => {
  expect(readServerSettings(sources(env), onByDefault)).toEqual({
    host: "127.0.0.1",
    livenessPort: liveness,
    metricsPort: metrics,
    httpPort: null,
  });
});

test("servers: the image listens on all interfaces, and wrong ports are all told", () => {
  expect(readServerSettings(sources({ LISTEN_HOST: "0.0.0.0" }), true).host).toBe("0.0.0.0");
  expect(() => readServerSettings(sources({ LIVENESS_PORT: "http", METRICS_PORT: "70000" }), true)).toThrow(
    /`liveness_port` must be a port.*`8000`.*`metrics_port` must be a port.*`8020`/,
  );
});

test("limits: what a process may use, and wrong ones are all told", () => {
  expect(readLimits(sources({}))).toEqual({
    frequencyMaxSeconds: 10,
    inFlightMib: undefined,
    logLevel: "info",
  });
  expect(readLimits(sources({ FREQUENCY_MAX_TIME: "2.5", IN_FLIGHT_MIB: "80", LOG_LEVEL: "DEBUG" }))).toEqual(
    { frequencyMaxSeconds: 2.5, inFlightMib: 80, logLevel: "debug" },
  );
  expect(() =>
    readLimits(sources({ FREQUENCY_MAX_TIME: "0", IN_FLIGHT_MIB: "7", LOG_LEVEL: "loud" })),
  ).toThrow(
    /`frequency_max_time` must be seconds.*`in_flight_mib` must be .* from 8 to 1024.*`log_level` must be debug, info/,
  );
});

test("the command line names a command, a folder and a file", () => {
  expect(readCommandLine(["command", "--symphony-dir", "/folder", "--config=file.json"])).toEqual({
    command: "command",
    symphonyDirectory: "/folder",
    configurationFile: "file.json",
  });
  expect(() => readCommandLine(["--port", "1"])).toThrow(/--port.*usage: <command>/);
});
