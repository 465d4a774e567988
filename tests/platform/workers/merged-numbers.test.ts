import { expect, test } from "vitest";
import { keepCounters, ModuleMetrics } from "../../../src/app/telemetry/metrics.ts";
import { RunStatistics } from "../../../src/app/telemetry/run-statistics.ts";
import { HealthState } from "../../../src/platform/lifecycle/health.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const NOW_MS = 1_800_000_000_000;

function processOf(clock: ManualClock) {
  const metrics = new ModuleMetrics(clock);
  metrics.setIntakeKey("intake-key-0123456789");
  return metrics;
}

/** Metric and labels to value, without the help and the label that all have. */
function valuesOf(text: string): Record<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value] = /^(.*) (\S+)$/.exec(line) ?? [];
      return [name.replace(/,?intake_key="[0-9a-f]{8}"/, "").replace("{}", ""), Number(value)];
    }),
  );
}

test("metrics of several processes: counters add up, a partition's gauges are its reader's", async () => {
  const clock = new ManualClock(NOW_MS);
  const [parent, one, other] = [processOf(clock), processOf(clock), processOf(clock)];
  one.partitionOpened("0");
  one.received("0", 10, NOW_MS - 9000);
  one.checkpointed("0", 9);
  one.lag("0", 70);
  one.partitionClosed("0");
  other.partitionOpened("0");
  other.received("0", 5, NOW_MS - 2000);
  other.settled("0", "forwarded", 5);
  other.checkpointed("0", 14);
  other.lag("0", 3);
  other.partitionOpened("1");
  one.delivered(100);
  other.delivered(300);
  other.intakeFailing(NOW_MS);
  parent.workerRestarted();
  const reports = [await one.values(), await other.values()];
  parent.follow(() => reports);
  const page = await parent.page();
  expect(page).toMatchObject({ status: 200, contentType: one.registry.contentType });
  expect(valuesOf(page.body)).toMatchObject({
    symphony_module_azure_collected_messages_total: 15,
    symphony_module_common_forwarded_events_total: 5,
    symphony_module_common_forward_events_duration_count: 2,
    symphony_module_common_forward_events_duration_sum: 0.4,
    'symphony_module_common_forward_events_duration_bucket{le="0.1"}': 1,
    symphony_module_common_events_lags: 2,
    'eventhub_intake_received_events_total{partition="0"}': 15,
    'eventhub_intake_checkpoint_sequence_number{partition="0"}': 14,
    'eventhub_intake_lag_events{partition="0"}': 3,
    eventhub_intake_open_partitions: 2,
    eventhub_intake_intake_failing_since_seconds: NOW_MS / 1000,
    eventhub_intake_worker_restarts_total: 1,
  });
  expect(page.body.split("\n").every((line) => /^$|^#|intake_key="[0-9a-f]{8}"/.test(line))).toBe(true);
});

test("the series of the accounts are those of all processes, once", async () => {
  const clock = new ManualClock(NOW_MS);
  const [parent, one] = [processOf(clock), processOf(clock)];
  const amounts = {
    received: 4,
    forwarded: 4,
    filtered: 0,
    heartbeats: 0,
    deadLettered: 0,
    pending: 0,
    returned: 0,
    imbalance: 0,
    gapEvents: 0,
    repeatedEvents: 0,
  };
  const report = {
    total: amounts,
    partitions: [{ ...amounts, partition: "0", lagMs: 0 }],
    categories: [],
    repaired: [],
  };
  one.ledger.follow(() => report);
  const reports = [await one.values()];
  parent.follow(() => reports);
  parent.ledger.follow(() => one.ledger.report());
  expect(valuesOf((await parent.page()).body)).toMatchObject({
    'eventhub_intake_ledger_records{partition="0",account="received"}': 4,
  });
});

test("of a process that died its counters stay, so that no sum goes back, and nothing else", async () => {
  const clock = new ManualClock(NOW_MS);
  const [parent, dead, next] = [processOf(clock), processOf(clock), processOf(clock)];
  dead.partitionOpened("0");
  dead.received("0", 10, NOW_MS);
  dead.delivered(100);
  next.received("0", 2, NOW_MS);
  const kept = await keepCounters(await keepCounters([], await dead.values()), await dead.values());
  const reports = [kept, await next.values()];
  parent.follow(() => reports);
  expect(valuesOf((await parent.page()).body)).toMatchObject({
    symphony_module_azure_collected_messages_total: 22,
    symphony_module_common_forward_events_duration_count: 2,
    'eventhub_intake_received_events_total{partition="0"}': 22,
    eventhub_intake_open_partitions: 0,
  });
});

test("health of several processes: the oldest heartbeat and any failure count", () => {
  const clock = new ManualClock(NOW_MS);
  const parent = new HealthState(clock);
  const fine = { isHealthy: true, lastEventsAtMs: NOW_MS - 5, lastHeartbeatAtMs: NOW_MS, errorCount: 1 };
  let others = [fine, { ...fine, lastEventsAtMs: null, lastHeartbeatAtMs: NOW_MS - 1000 }];
  parent.follow(() => others);
  expect(parent.report()).toEqual({
    isHealthy: true,
    lastEventsAtMs: NOW_MS - 5,
    lastHeartbeatAtMs: NOW_MS - 1000,
    errorCount: 2,
  });
  clock.advance(119_001);
  expect(parent.page().status).toBe(500);
  others = [fine, { ...fine, lastHeartbeatAtMs: clock.now() }];
  expect(parent.page().status).toBe(200);
  others = [fine, { ...fine, isHealthy: false }];
  expect(parent.page().status).toBe(500);
});

test("the numbers of several processes add up, and the worse answer shows", () => {
  const parent = new RunStatistics(new ManualClock(NOW_MS));
  const before = parent.summary();
  parent.follow(() => []);
  expect(parent.summary()).toEqual(before);
  const one = { ...before, forwarded: 5, pending: 1, lastAnswer: { status: 200, durationMs: 7 } };
  const other = {
    ...before,
    forwarded: 3,
    lagEvents: 9,
    lastAnswer: { status: 503, durationMs: 2 },
    intakeFailingForMs: 40,
  };
  parent.follow(() => [one, other, one]);
  expect(parent.summary()).toEqual({ ...other, forwarded: 13, pending: 2 });
});
