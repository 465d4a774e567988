import { consumeEventhub } from "../../../src/app/forward.ts";
import { TriggerMetrics } from "../../../src/app/telemetry/metrics.ts";
import { RunStatistics } from "../../../src/app/telemetry/run-statistics.ts";
import type { LedgerReport } from "../../../src/connector/ledger-report.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import type { LogLevel } from "../../../src/kernel/log.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import type { LocalHubServer } from "../../../src/local/hub/server.ts";
import type { LocalIntake } from "../../../src/local/intake/server.ts";
import type { LocalStorage } from "../../../src/local/storage/azurite.ts";
import { HealthState } from "../../../src/platform/lifecycle/health.ts";

export const GROUP = "sekoiaio";

export type Servers = {
  readonly hub: LocalHubServer;
  readonly storage: LocalStorage;
  readonly intake: LocalIntake;
};

/**
 * Starts the trigger in this process. Its container has the hub's name.
 * @param more Settings in place of the defaults.
 */
export function startTrigger(
  { hub, storage, intake }: Servers,
  hubName: string,
  more: Readonly<Record<string, unknown>> = {},
) {
  const stop = new AbortController();
  const lines: { level: LogLevel; message: string }[] = [];
  const health = new HealthState(systemClock);
  const metrics = new TriggerMetrics(systemClock);
  const done = consumeEventhub({
    arguments: {
      hub_connection_string: hub.connectionString(hubName),
      hub_name: hubName,
      hub_consumer_group: GROUP,
      storage_connection_string: storage.connectionString,
      storage_container_name: hubName,
      intake_key: "key",
      intake_server: intake.url,
      chunk_size: 1000,
      categories: [],
      start_position: "earliest",
      on_invalid_checkpoint: "earliest",
      repair_json: true,
      transport: "amqp",
      ...more,
    },
    limits: { frequencyMaxSeconds: 10, inFlightMib: undefined, logLevel: "info" },
    logger: { log: (level, message) => void lines.push({ level, message }) },
    metrics,
    statistics: new RunStatistics(systemClock),
    health,
    signal: stop.signal,
    userAgent: "test",
    proxies: NO_PROXIES,
    authorityHost: undefined,
  });
  return {
    lines,
    health,
    ledger: () => JSON.parse(metrics.ledger.page().body) as LedgerReport,
    async stop() {
      stop.abort(new Error("stop"));
      await done;
    },
  };
}
