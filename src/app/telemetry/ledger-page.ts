import { Gauge, type Registry } from "prom-client";
import type { SeenAnswer } from "../../connector/intake/client.ts";
import type { LedgerReport } from "../../connector/ledger-report.ts";
import type { Page } from "../../platform/lifecycle/http-server.ts";

const ACCOUNTS = {
  received: "received",
  forwarded: "forwarded",
  filtered: "filtered",
  heartbeats: "heartbeats",
  deadLettered: "dead-lettered",
  pending: "pending",
  returned: "returned",
} as const;

const MAX_ANSWERS = 50;

/** The page `/ledger` and its metrics: both show the item's accounts as they are when somebody asks, the page the intake's last answers too. */
export class LedgerPage {
  /** Oldest first. */
  readonly #answers: SeenAnswer[] = [];
  #read: () => LedgerReport | undefined = () => undefined;

  constructor(registry: Registry) {
    const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) => {
      new Gauge({
        name: `eventhub_intake_${name}`,
        help,
        labelNames,
        registers: [registry],
        collect() {
          this.reset();
          collect(this);
        },
      });
    };
    const ofPartitions = (name: string, help: string, amount: (row: Row) => number | null) =>
      gauge(name, help, ["partition"], (shown) => {
        for (const row of this.#rows()) {
          const value = amount(row);
          if (value !== null) {
            shown.set({ partition: row.partition }, value);
          }
        }
      });
    gauge(
      "ledger_records",
      "Records of each account: received is the sum of the others",
      ["partition", "account"],
      (shown) => {
        for (const row of this.#rows()) {
          for (const [field, account] of Object.entries(ACCOUNTS)) {
            shown.set({ partition: row.partition, account }, row[field as keyof typeof ACCOUNTS]);
          }
        }
      },
    );
    ofPartitions(
      "ledger_imbalance_records",
      "Records that no account holds; never anything but 0",
      (row) => row.imbalance,
    );
    ofPartitions("gap_events", "Events that were passed and never received", (row) => row.gapEvents);
    ofPartitions(
      "repeated_events",
      "Events that the hub sent again to the same reader",
      (row) => row.repeatedEvents,
    );
    ofPartitions(
      "lag_seconds",
      "By how much the newest event received is older than the hub's newest",
      (row) => (row.lagMs === null ? null : row.lagMs / 1000),
    );
    gauge("category_records", "Records by category, before the filter", ["category"], (shown) => {
      for (const { category, records } of this.report()?.categories ?? []) {
        shown.set({ category }, records);
      }
    });
    gauge(
      "category_silent",
      "1 for a category that came before and has not come for silence_minutes, else 0; only with that setting",
      ["category"],
      (shown) => {
        const { silence, categories } = this.report() ?? {};
        for (const { category } of silence ? (categories ?? []) : []) {
          shown.set({ category }, silence?.categories.includes(category) ? 1 : 0);
        }
      },
    );
    gauge(
      "hub_silent",
      "1 while no record of any kind has come for silence_minutes, else 0; only with that setting",
      [],
      (shown) => {
        const silence = this.report()?.silence;
        if (silence) {
          shown.set(silence.hub ? 1 : 0);
        }
      },
    );
    gauge("repaired_messages", "Messages whose JSON was repaired", ["kind", "category"], (shown) => {
      for (const { kind, category, messages } of this.report()?.repaired ?? []) {
        shown.set({ kind, category }, messages);
      }
    });
  }

  /** The item's accounts from now on. */
  follow(read: () => LedgerReport | undefined): void {
    this.#read = read;
  }

  /** One answer of the intake more; the last few are shown. */
  answered(answer: SeenAnswer): void {
    this.#answers.push(answer);
    if (this.#answers.length > MAX_ANSWERS) {
      this.#answers.shift();
    }
  }

  /** `undefined` before anything is read. */
  report(): LedgerReport | undefined {
    return this.#read();
  }

  page(): Page {
    const contentType = "application/json";
    const report = this.report();
    return report === undefined
      ? { status: 503, contentType, body: JSON.stringify({ reason: "nothing is read yet" }) }
      : {
          status: 200,
          contentType,
          body: JSON.stringify({ ...report, answers: this.#answers.map(shownAnswer).toReversed() }),
        };
  }

  #rows(): readonly Row[] {
    return this.report()?.partitions ?? [];
  }
}

function shownAnswer({ atMs, durationMs, ...answer }: SeenAnswer) {
  return { at: new Date(atMs).toISOString(), tookMs: durationMs, ...answer };
}

type Row = LedgerReport["partitions"][number];
