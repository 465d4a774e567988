import { expect, test } from "vitest";
import { TriggerMetrics } from "../../../src/app/telemetry/metrics.ts";
import { HealthState } from "../../../src/platform/lifecycle/health.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const NOW_MS = 1_800_000_000_000;

async function shown(metrics: TriggerMetrics): Promise<string[]> {
  return (await metrics.registry.metrics())
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

test("the names of existing dashboards are there, labelled by a hash of the key and nothing clearer", async () => {
  const metrics = new TriggerMetrics(new ManualClock(NOW_MS));
  metrics.setIntakeKey("intake-key-0123456789");
  metrics.received("0", 10, NOW_MS - 3000);
  metrics.settled("0", "forwarded", 25);
  metrics.settled("0", "filtered", 4);
  metrics.settled("1", "dead-lettered", 1);
  metrics.delivered(250);
  const lines = await shown(metrics);
  const label = /intake_key="([0-9a-f]{8})"/.exec(lines[0] ?? "")?.[1];
  expect(lines).toEqual(
    expect.arrayContaining([
      `symphony_module_azure_collected_messages_total{intake_key="${label}"} 10`,
      `symphony_module_common_forwarded_events_total{intake_key="${label}"} 25`,
      `symphony_module_common_discarded_events_total{intake_key="${label}"} 1`,
      `symphony_module_common_events_lags{intake_key="${label}"} 3`,
      `symphony_module_azure_messages_age{intake_key="${label}"} 3`,
      `symphony_module_common_forward_events_duration_count{intake_key="${label}"} 1`,
      `symphony_module_common_forward_events_duration_sum{intake_key="${label}"} 0.25`,
      `eventhub_intake_settled_records_total{partition="1",outcome="dead-lettered",intake_key="${label}"} 1`,
    ]),
  );
  expect(lines.every((line) => line.includes(`intake_key="${label}"`))).toBe(true);
  expect(lines.join()).not.toContain("intake-key");
});

test("the series of a partition follow it, and go when it goes", async () => {
  const metrics = new TriggerMetrics(new ManualClock(NOW_MS));
  metrics.partitionOpened("0");
  metrics.partitionOpened("1");
  metrics.received("0", 1, NOW_MS - 60_000);
  metrics.received("1", 1, NOW_MS - 5000);
  metrics.lag("0", 7);
  metrics.checkpointed("0", 42);
  expect(await shown(metrics)).toEqual(
    expect.arrayContaining([
      'eventhub_intake_received_events_total{partition="0"} 1',
      'eventhub_intake_lag_events{partition="0"} 7',
      'eventhub_intake_event_age_seconds{partition="0"} 60',
      'eventhub_intake_checkpoints_total{partition="0"} 1',
      'eventhub_intake_checkpoint_sequence_number{partition="0"} 42',
      "eventhub_intake_open_partitions 2",
      "symphony_module_common_events_lags 60",
    ]),
  );
  metrics.partitionClosed("0");
  metrics.lag("1", 0);
  const lines = await shown(metrics);
  expect(lines).toContain("eventhub_intake_open_partitions 1");
  expect(lines).toContain("symphony_module_common_events_lags 0");
  expect(lines.join()).not.toContain('eventhub_intake_lag_events{partition="0"}');
});

test("a failing intake and lost log lines are seen", async () => {
  const metrics = new TriggerMetrics(new ManualClock(NOW_MS));
  metrics.intakeFailing(NOW_MS);
  metrics.logLinesLost(3);
  expect(await shown(metrics)).toEqual(
    expect.arrayContaining([
      "eventhub_intake_intake_failing_since_seconds 1800000000",
      "eventhub_intake_log_lines_lost_total 3",
    ]),
  );
  metrics.intakeFailing(null);
  expect(await shown(metrics)).toContain("eventhub_intake_intake_failing_since_seconds 0");
});

test("an event from a hub whose clock is ahead is not younger than now", async () => {
  const metrics = new TriggerMetrics(new ManualClock(NOW_MS));
  metrics.received("0", 1, NOW_MS + 60_000);
  expect(await shown(metrics)).toContain("symphony_module_azure_messages_age 0");
});

test("what fails is a series with its reason, until it works again", async () => {
  const clock = new ManualClock(NOW_MS);
  const metrics = new TriggerMetrics(clock);
  const health = new HealthState(clock);
  metrics.shown.configured({ intake_key: "key" }, health);
  health.failing("intake", NOW_MS);
  clock.advance(11_000);
  expect((await shown(metrics)).join("\n")).toMatch(/eventhub_intake_degraded\{reason="intake",.*\} 1/);
  health.failing("intake", null);
  expect((await shown(metrics)).join("\n")).not.toContain("eventhub_intake_degraded{");
});

test("the process's own figures are there", async () => {
  const lines = await shown(new TriggerMetrics(new ManualClock(NOW_MS)));
  expect(lines.join("\n")).toMatch(/process_cpu_seconds_total/);
  expect(lines.join("\n")).toMatch(/process_resident_memory_bytes/);
});

test("hidden characters of a category are told by their number", async () => {
  const metrics = new TriggerMetrics(new ManualClock(NOW_MS));
  metrics.ledger.follow(() => ({
    total: NOTHING,
    partitions: [],
    categories: [{ category: "a\u009b\u202eb", records: 9 }],
    withoutCategory: 0,
    otherCategories: 0,
    silence: null,
    repaired: [],
  }));
  expect((await metrics.page()).body).toContain('category="aU+009bU+202eb"');
});

const NOTHING = {
  received: 0,
  forwarded: 0,
  filtered: 0,
  heartbeats: 0,
  deadLettered: 0,
  pending: 0,
  returned: 0,
  imbalance: 0,
  gapEvents: 0,
  repeatedEvents: 0,
  lagEvents: 0,
};
