import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { metricsPage } from "../../scripts/metrics-doc.ts";
import { TriggerMetrics } from "../../src/app/telemetry/metrics.ts";
import { systemClock } from "../../src/kernel/clock.ts";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const alerts = parse(read("infra/prometheus-rules.yaml")).groups[0].rules as {
  alert: string;
  expr: string;
}[];
const dashboard = JSON.parse(read("infra/grafana-dashboard.json"));
const panels = dashboard.panels as { title: string; targets: { expr: string }[] }[];
const queries = [
  ...alerts.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map((t) => t.expr)),
];

test("docs/metrics.md explains every metric", () => {
  expect(read("docs/metrics.md"), "run node scripts/metrics-doc.ts").toBe(metricsPage());
});

test.each(queries)("the trigger has what %s asks for", (query) => {
  const { registry } = new TriggerMetrics(systemClock);
  const names = query.match(/(eventhub_intake|symphony_module)_\w+/g) ?? [];
  expect(names).not.toEqual([]);
  for (const name of names) {
    expect(registry.getSingleMetric(name), name).toBeDefined();
  }
});

test("there is an alert for each way in which events are late, set aside or missing", () => {
  expect(alerts.map(({ alert }) => alert.replace("EventhubIntake", ""))).toEqual([
    "Lag",
    "Degraded",
    "DeadLetters",
    "Imbalance",
    "Gap",
    "Silence",
    "HubSilence",
  ]);
});

test("the version that runs is a metric", async () => {
  const metrics = new TriggerMetrics(systemClock);
  metrics.runs("1.2.3");
  const text = await metrics.registry.getSingleMetricAsString("eventhub_intake_build_info");
  expect(text).toContain('version="1.2.3"} 1');
});
