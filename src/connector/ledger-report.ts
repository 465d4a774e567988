import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/log.ts";
import { type Ledger, type LedgerRow, type LedgerTotals, totalsOf } from "./checkpoint/ledger.ts";
import type { CategoryCount, CategoryCounter } from "./records/category-counter.ts";
import type { RepairCount, RepairCounts } from "./records/repair-count.ts";
import { type Silence, SilenceWatch } from "./silence-watch.ts";

/** The accounts at one moment: the page `/ledger`, and what the metrics read. */
export type LedgerReport = {
  readonly total: LedgerTotals;
  readonly partitions: readonly LedgerRow[];
  /** Records by category, before the filter. */
  readonly categories: readonly CategoryCount[];
  readonly withoutCategory: number;
  /** Records of categories beyond the first hundred. */
  readonly otherCategories: number;
  /** Messages whose JSON was repaired. */
  readonly repaired: readonly RepairCount[];
  /** What is silent that spoke before; `null` while nobody asks for it. */
  readonly silence: Silence | null;
};

export type LedgerReporterPorts = {
  /** What the accounts are made of. */
  readonly ledger: Ledger;
  readonly categoryCounter: CategoryCounter;
  readonly repairs: RepairCounts;
  readonly clock: Clock;
  readonly logger: Logger;
};

const REPORT_EVERY_MS = 60_000;
/** So many records without a configured category among them, and its name is probably wrong. */
const CATEGORY_MISSED_AFTER = 1000;
/** Names in a log line. */
const NAMES_SHOWN = 10;

export type LedgerReporterSettings = {
  /** Those that the configuration names. */
  readonly categories: readonly string[];
  /** So long without a record of a category is reported; `undefined`: never. */
  readonly silenceMs: number | undefined;
};

/** Reports the accounts every minute and at the end; warns of configured categories that never occur, and of silence. */
export class LedgerReporter {
  readonly #ports: LedgerReporterPorts;
  /** Configured categories that no record has had. */
  #unseen: readonly string[];
  readonly #silenceWatch: SilenceWatch | undefined;
  #cancel: (() => void) | undefined;

  constructor({ categories, silenceMs }: LedgerReporterSettings, ports: LedgerReporterPorts) {
    this.#ports = ports;
    this.#unseen = categories;
    this.#silenceWatch =
      silenceMs === undefined ? undefined : new SilenceWatch(silenceMs, ports.clock, ports.logger);
  }

  start(): void {
    this.#cancel = this.#ports.clock.after(REPORT_EVERY_MS, () => {
      this.#tell();
      this.start();
    });
  }

  /** Tells a last time. */
  stop(): void {
    this.#cancel?.();
    this.#tell();
  }

  report(): LedgerReport {
    const { ledger, categoryCounter, repairs } = this.#ports;
    const partitions = ledger.rows();
    return {
      total: totalsOf(partitions),
      partitions,
      categories: categoryCounter.rows(),
      withoutCategory: categoryCounter.without,
      otherCategories: categoryCounter.others,
      repaired: repairs.rows(),
      silence: this.#silenceWatch?.silence ?? null,
    };
  }

  #tell(): void {
    const { total, categories, partitions } = this.report();
    const { received, forwarded, filtered, heartbeats, deadLettered, pending } = total;
    this.#ports.logger.log(
      "info",
      `ledger: received ${received} = forwarded ${forwarded} + filtered ${filtered} + heartbeats ${heartbeats}` +
        ` + dead letters ${deadLettered} + pending ${pending} + returned ${total.returned}`,
      { ...total },
    );
    this.#missCategories(categories);
    // A process that reads no partition hears nothing, and knows nothing of the hub.
    if (partitions.length > 0) {
      this.#silenceWatch?.look(this.#ports.categoryCounter.total, categories);
    }
  }

  #missCategories(categories: readonly CategoryCount[]): void {
    const seen = categories.map(({ category }) => category);
    this.#unseen = this.#unseen.filter((category) => !seen.includes(category));
    const { categoryCounter } = this.#ports;
    if (categoryCounter.total < CATEGORY_MISSED_AFTER) {
      return;
    }
    const shown = seen.slice(0, NAMES_SHOWN).join(", ") || "none";
    for (const category of this.#unseen) {
      this.#ports.logger.log(
        "warning",
        `no record of the category ${category} has come among ${categoryCounter.total}; check the setting categories: those that come are ${shown}`,
      );
    }
    this.#unseen = [];
  }
}
