import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { readCommandLine } from "../../../src/platform/config/command-line.ts";
import { readServerSettings, readTimings, readWorkers } from "../../../src/platform/config/environment.ts";
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
    name: "off is no server",
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
  });
});

test("servers: the image listens on all interfaces, and wrong ports are all told", () => {
  expect(readServerSettings(sources({ LISTEN_HOST: "0.0.0.0" }), true).host).toBe("0.0.0.0");
  expect(() => readServerSettings(sources({ LIVENESS_PORT: "http", METRICS_PORT: "70000" }), true)).toThrow(
    /`liveness_port` is no port.*`8000`.*`metrics_port` is no port.*`8020`/,
  );
});

test("timings: seconds, ten by default, and wrong ones are all told", () => {
  expect(readTimings(sources({ CONSUMER_MAX_WAIT_TIME: "2.5" }))).toEqual({
    consumerMaxWaitSeconds: 2.5,
    frequencyMaxSeconds: 10,
  });
  expect(() => readTimings(sources({ CONSUMER_MAX_WAIT_TIME: "-1", FREQUENCY_MAX_TIME: "0" }))).toThrow(
    /`consumer_max_wait_time` is no time.*`frequency_max_time` is no time/,
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

test.each([
  { name: "one process alone unless told otherwise", env: {}, asked: undefined, workers: 1 },
  { name: "the platform's value", env: { WORKERS: "3" }, asked: undefined, workers: 3 },
  { name: "the command line goes before it", env: { WORKERS: "3" }, asked: "2", workers: 2 },
  { name: "0 is as many as cores", env: {}, asked: "0", workers: availableParallelism() },
])("workers: $name", ({ env, asked, workers }) => {
  expect(readWorkers(sources(env), asked)).toBe(workers);
});

test.each(["-1", "two", "65", "1.5", ""])("workers: %j is told as wrong, with an example", (asked) => {
  expect(() => readWorkers(sources({}), asked)).toThrow(
    /`workers` is no number of processes; .*for example `2`/,
  );
});
