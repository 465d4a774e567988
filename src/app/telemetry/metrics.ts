import { createHash } from "node:crypto";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "../../kernel/clock.ts";
import { numberedText } from "../../kernel/hidden-characters.ts";
import type { JsonObject } from "../../platform/config/settings-schema.ts";
import type { HealthState } from "../../platform/lifecycle/health.ts";
import type { Page } from "../../platform/lifecycle/http-server.ts";
import type { Telemetry } from "../../platform/run-module.ts";
import { LedgerPage } from "./ledger-page.ts";

/** A partition's numbers as they come with each read and answer; their series are made of them when somebody asks. */
type PartitionNumbers = {
  events: number;
  readonly records: Map<string, number>;
  /** Of the newest event when it was received; undefined while somebody else reads the partition. */
  ageSeconds: number | undefined;
  /** Seconds that the forwarding is behind, as of the last event or a look at the hub. */
  delaySeconds: number | undefined;
};

/**
 * The module's numbers for Prometheus. Names that begin with `symphony_module` are those that existing dashboards read;
 * ours tell the same for each partition. Every series carries `intake_key`, a short hash of the key.
 */
export class TriggerMetrics {
  readonly registry = new Registry();
  /** The accounts of the item, as a page and as metrics. */
  readonly ledger = new LedgerPage(this.registry);
  readonly #clock: Clock;
  readonly #partitions = new Map<string, PartitionNumbers>();
  /** Of the event received last, whatever its partition. */
  #ageSeconds = 0;

  readonly #forwardDuration = new Histogram({
    name: "symphony_module_common_forward_events_duration",
    help: "Seconds that a request to the intake took",
    registers: [this.registry],
  });
  readonly #partitionLag = this.#gauge(
    "eventhub_intake_lag_events",
    "Events in the hub not yet received",
    "partition",
  );
  readonly #checkpoints = this.#counter("eventhub_intake_checkpoints_total", "Positions stored", "partition");
  readonly #checkpointed = this.#gauge(
    "eventhub_intake_checkpoint_sequence_number",
    "Sequence number of the position stored last",
    "partition",
  );
  readonly #openPartitions = new Gauge({
    name: "eventhub_intake_open_partitions",
    help: "Partitions that are being read",
    registers: [this.registry],
  });
  readonly #intakeFailingSince = this.#gauge(
    "eventhub_intake_intake_failing_since_seconds",
    "Unix time since when the intake takes nothing; 0 while it does",
  );
  readonly #storageFailingSince = this.#gauge(
    "eventhub_intake_storage_failing_since_seconds",
    "Unix time since when no checkpoint can be stored; 0 while they can",
  );
  readonly #rebuilt = this.#counter(
    "eventhub_intake_rebuilt_total",
    "Times that a silent partition's link or connection was reopened",
    "partition",
  );
  readonly #logLinesLost = this.#counter(
    "eventhub_intake_log_lines_lost_total",
    "Log lines that the platform never got",
  );
  readonly #buildInfo = this.#gauge("eventhub_intake_build_info", "1, by the version that runs", "version");
  #health: HealthState | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    collectDefaultMetrics({ register: this.registry });
    this.#showPartitions();
    const degradations = () => this.#health?.degradations() ?? [];
    new Gauge({
      name: "eventhub_intake_degraded",
      help: "1 while something that the trigger needs fails, by what it is",
      labelNames: ["reason"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { reason } of degradations()) {
          this.set({ reason }, 1);
        }
      },
    });
  }

  /** Labels every series from now on with the key's short hash. */
  setIntakeKey(intakeKey: string): void {
    const hash = createHash("sha256").update(intakeKey).digest("hex").slice(0, 8);
    this.registry.setDefaultLabels({ intake_key: hash });
  }

  /** The version of the module that runs. */
  runs(version: string): void {
    this.#buildInfo.set({ version }, 1);
  }

  partitionOpened(_partitionId: string): void {
    this.#openPartitions.inc();
  }

  /** A partition that somebody else reads has no lag here. */
  partitionClosed(partitionId: string): void {
    this.#openPartitions.dec();
    this.#partitionLag.remove({ partition: partitionId });
    const numbers = this.#numbersOf(partitionId);
    numbers.ageSeconds = undefined;
    numbers.delaySeconds = undefined;
  }

  /** @param newestEnqueuedAtMs Milliseconds since 1970, by the hub's clock. */
  received(partitionId: string, events: number, newestEnqueuedAtMs: number): void {
    const numbers = this.#numbersOf(partitionId);
    const ageSeconds = Math.max(0, (this.#clock.now() - newestEnqueuedAtMs) / 1000);
    numbers.events += events;
    numbers.ageSeconds = ageSeconds;
    numbers.delaySeconds = ageSeconds;
    this.#ageSeconds = ageSeconds;
  }

  /** @param outcome `forwarded`, or why not. */
  settled(partitionId: string, outcome: string, records: number): void {
    const counts = this.#numbersOf(partitionId).records;
    counts.set(outcome, (counts.get(outcome) ?? 0) + records);
  }

  delivered(durationMs: number): void {
    this.#forwardDuration.observe(durationMs / 1000);
  }

  checkpointed(partitionId: string, sequenceNumber: number): void {
    this.#checkpoints.inc({ partition: partitionId });
    this.#checkpointed.set({ partition: partitionId }, sequenceNumber);
  }

  lag(partitionId: string, events: number): void {
    this.#partitionLag.set({ partition: partitionId }, events);
    if (events === 0) {
      this.#numbersOf(partitionId).delaySeconds = 0;
    }
  }

  /** @param sinceMs `null` once the intake answers well again. */
  intakeFailing(sinceMs: number | null): void {
    this.#intakeFailingSince.set((sinceMs ?? 0) / 1000);
  }

  /** @param sinceMs `null` once checkpoints are stored again. */
  storageFailing(sinceMs: number | null): void {
    this.#storageFailingSince.set((sinceMs ?? 0) / 1000);
  }

  rebuilt(partitionId: string): void {
    this.#rebuilt.inc({ partition: partitionId });
  }

  logLinesLost(lines: number): void {
    this.#logLinesLost.inc(lines);
  }

  /** What the platform serves and tells. */
  get shown(): Telemetry {
    return {
      pages: { "/ledger": async () => this.ledger.page() },
      metrics: async () => this.page(),
      configured: (settings: JsonObject, health: HealthState) => {
        this.setIntakeKey(String(settings["intake_key"]));
        this.#health = health;
      },
      logLinesLost: (lines: number) => this.logLinesLost(lines),
    };
  }

  /** The answer on the metrics' port. */
  async page(): Promise<Page> {
    return {
      status: 200,
      contentType: this.registry.contentType,
      body: numberedText(await this.registry.metrics()),
    };
  }

  #numbersOf(partitionId: string): PartitionNumbers {
    let numbers = this.#partitions.get(partitionId);
    if (numbers === undefined) {
      numbers = { events: 0, records: new Map(), ageSeconds: undefined, delaySeconds: undefined };
      this.#partitions.set(partitionId, numbers);
    }
    return numbers;
  }

  /** The series of what changes with each read and answer. */
  #showPartitions(): void {
    const partitions = this.#partitions;
    const sum = (number: (numbers: PartitionNumbers) => number) =>
      [...partitions.values()].reduce((total, numbers) => total + number(numbers), 0);
    const total = (name: string, help: string, number: (numbers: PartitionNumbers) => number) =>
      new Counter({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.reset();
          this.inc(sum(number));
        },
      });
    total(
      "symphony_module_azure_collected_messages_total",
      "Messages consumed from the hub",
      (numbers) => numbers.events,
    );
    total(
      "symphony_module_common_forwarded_events_total",
      "Events that the intake accepted",
      (numbers) => numbers.records.get("forwarded") ?? 0,
    );
    total(
      "symphony_module_common_discarded_events_total",
      "Events that the intake will not get: dead letters",
      (numbers) => numbers.records.get("dead-lettered") ?? 0,
    );
    new Gauge({
      name: "symphony_module_common_events_lags",
      help: "Seconds that the forwarding is behind, of the partition that is farthest behind",
      registers: [this.registry],
      collect() {
        this.set(Math.max(0, ...[...partitions.values()].map(({ delaySeconds }) => delaySeconds ?? 0)));
      },
    });
    const ageSeconds = () => this.#ageSeconds;
    new Gauge({
      name: "symphony_module_azure_messages_age",
      help: "Age of the last messages received, seconds",
      registers: [this.registry],
      collect() {
        this.set(ageSeconds());
      },
    });
    new Counter({
      name: "eventhub_intake_received_events_total",
      help: "Messages received",
      labelNames: ["partition"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [partition, { events }] of partitions) {
          this.inc({ partition }, events);
        }
      },
    });
    new Counter({
      name: "eventhub_intake_settled_records_total",
      help: "Records that are done with, by what became of them",
      labelNames: ["partition", "outcome"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [partition, { records }] of partitions) {
          for (const [outcome, count] of records) {
            this.inc({ partition, outcome }, count);
          }
        }
      },
    });
    new Gauge({
      name: "eventhub_intake_event_age_seconds",
      help: "Age of the newest event when it was received",
      labelNames: ["partition"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [partition, numbers] of partitions) {
          if (numbers.ageSeconds !== undefined) {
            this.set({ partition }, numbers.ageSeconds);
          }
        }
      },
    });
  }

  #counter<Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
