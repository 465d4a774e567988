/** Writes docs/metrics.md from the registry of the trigger's metrics: `node scripts/metrics-doc.ts`. */
import { writeFileSync } from "node:fs";
import { TriggerMetrics } from "../src/app/telemetry/metrics.ts";
import { systemClock } from "../src/kernel/clock.ts";

type Described = { name: string; help: string; type: string; labelNames: readonly string[] };

/** The metrics that are ours: those of the process itself differ by system. */
function ownMetrics(): readonly Described[] {
  const all = new TriggerMetrics(systemClock).registry.getMetricsAsArray() as unknown as Described[];
  return all
    .filter(({ name }) => /^(eventhub_intake|symphony_module)_/.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The page as Markdown. */
export function metricsPage(): string {
  const rows = ownMetrics().map(
    ({ name, type, labelNames, help }) =>
      `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
  );
  return [
    "# Metrics\n",
    "Generated from `src/app/telemetry`: `node scripts/metrics-doc.ts`. Prometheus scrapes them on port 8020 (`METRICS_PORT`).",
    "Each series also carries `intake_key`, a short hash of the key. `process_*` and `nodejs_*` describe the process.",
    "Alert rules: `infra/prometheus-rules.yaml`; a Grafana dashboard: `infra/grafana-dashboard.json`.\n",
    "| metric | type | labels | meaning |\n|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/metrics.md", import.meta.url), metricsPage());
}
