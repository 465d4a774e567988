import type { Clock } from "../../kernel/clock.ts";

/** What a person watches while a module runs. */
export type RunSummary = {
  /** Records that the intake accepted since the start. */
  readonly forwarded: number;
  /** Records received and not yet settled. */
  readonly pending: number;
  /** Events in the hub not yet received, over all partitions; `undefined` until the hub told. */
  readonly lagEvents: number | undefined;
  /** `undefined` before the first answer. */
  readonly lastAnswer: { readonly status: number; readonly durationMs: number } | undefined;
  /** `undefined` while the intake answers well. */
  readonly intakeFailingForMs: number | undefined;
};

/** Counts along with a run; partitions that somebody else reads are left out. */
export class RunStatistics {
  readonly #clock: Clock;
  readonly #pending = new Map<string, number>();
  readonly #lag = new Map<string, number>();
  #forwarded = 0;
  #lastAnswer: RunSummary["lastAnswer"];
  #failingSinceMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  partitionOpened(partitionId: string): void {
    this.#pending.set(partitionId, 0);
  }

  /** Whoever reads the partition next reads again what is pending. */
  partitionClosed(partitionId: string): void {
    this.#pending.delete(partitionId);
    this.#lag.delete(partitionId);
  }

  received(partitionId: string, records: number): void {
    this.#addPending(partitionId, records);
  }

  /** @param outcome `forwarded`, or why not. */
  settled(partitionId: string, outcome: string, records: number): void {
    this.#addPending(partitionId, -records);
    if (outcome === "forwarded") {
      this.#forwarded += records;
    }
  }

  lag(partitionId: string, events: number): void {
    this.#lag.set(partitionId, events);
  }

  answered(status: number, durationMs: number): void {
    this.#lastAnswer = { status, durationMs };
  }

  /** @param sinceMs `null` once the intake answers well again. */
  intakeFailing(sinceMs: number | null): void {
    this.#failingSinceMs = sinceMs;
  }

  summary(): RunSummary {
    const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);
    return {
      forwarded: this.#forwarded,
      pending: Math.max(0, sum(this.#pending.values())),
      lagEvents: this.#lag.size === 0 ? undefined : sum(this.#lag.values()),
      lastAnswer: this.#lastAnswer,
      intakeFailingForMs:
        this.#failingSinceMs === null ? undefined : this.#clock.now() - this.#failingSinceMs,
    };
  }

  #addPending(partitionId: string, records: number): void {
    const pending = this.#pending.get(partitionId);
    if (pending !== undefined) {
      this.#pending.set(partitionId, pending + records);
    }
  }
}
