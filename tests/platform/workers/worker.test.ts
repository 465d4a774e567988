import { expect, test } from "vitest";
import { ModuleMetrics } from "../../../src/app/telemetry/metrics.ts";
import { RunStatistics } from "../../../src/app/telemetry/run-statistics.ts";
import { silentLogger } from "../../../src/kernel/log.ts";
import { HealthState } from "../../../src/platform/lifecycle/health.ts";
import { Troubles } from "../../../src/platform/workers/troubles.ts";
import { Worker } from "../../../src/platform/workers/worker.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const NOW_MS = 1_800_000_000_000;

test("a place without a process may start one; that it stays empty is a failure", () => {
  const clock = new ManualClock(NOW_MS);
  const observed = {
    metrics: new ModuleMetrics(clock),
    health: new HealthState(clock),
    numbers: new RunStatistics(clock),
  };
  const settings = { count: 2, env: {}, clock, random: Math.random, logger: silentLogger, observed };
  const worker = new Worker(1, settings, new Troubles(clock));
  clock.advance(10_000);
  expect(worker.health).toEqual({
    isHealthy: true,
    lastEventsAtMs: null,
    lastHeartbeatAtMs: NOW_MS,
    errorCount: 0,
  });
  clock.advance(1);
  expect(worker.health.isHealthy).toBe(false);
  expect(worker.ledger).toBeUndefined();
});
