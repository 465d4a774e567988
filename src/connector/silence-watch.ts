import type { Clock } from "../kernel/clock.ts";
import { counted } from "../kernel/counted.ts";
import type { Logger } from "../kernel/log.ts";
import type { CategoryCount } from "./records/category-counter.ts";

/** What is silent now. */
export type Silence = {
  /** No record of any kind has come for so long. */
  readonly hub: boolean;
  /** Categories that came before and have not come for so long, by name. */
  readonly categories: readonly string[];
};

const MINUTE_MS = 60_000;

/** When something was last heard, and whether its silence was reported. */
type Heard = { records: number; atMs: number; isSilent: boolean };

/**
 * Warns when a category that came before, or the whole hub, has not come for a while. It remembers as many categories as
 * the category counter does.
 */
export class SilenceWatch {
  readonly #silenceMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #categories = new Map<string, Heard>();
  #hub: Heard | undefined;

  /** @param silenceMs So long without a record is silence. */
  constructor(silenceMs: number, clock: Clock, logger: Logger) {
    this.#silenceMs = silenceMs;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @param total Records of every kind so far. */
  look(total: number, categories: readonly CategoryCount[]): void {
    this.#hub ??= { records: 0, atMs: this.#clock.now(), isSilent: false };
    const wasSilent = this.#hub.isSilent;
    this.#update(this.#hub, total, "record of any kind");
    const isNews = !this.#hub.isSilent && !wasSilent;
    for (const { category, records } of categories) {
      const heard = this.#categories.get(category) ?? { records: 0, atMs: 0, isSilent: false };
      this.#categories.set(category, heard);
      // Of a silent hub one line is enough.
      this.#update(heard, records, isNews ? `record of the category ${category}` : undefined);
    }
  }

  get silence(): Silence {
    const silent = [...this.#categories].filter(([, { isSilent }]) => isSilent);
    return { hub: this.#hub?.isSilent ?? false, categories: silent.map(([category]) => category) };
  }

  /** @param what For the log; nothing is logged without it. */
  #update(heard: Heard, records: number, what: string | undefined): void {
    const now = this.#clock.now();
    const forMs = now - heard.atMs;
    const time = counted(Math.round(forMs / MINUTE_MS), "minute");
    if (records !== heard.records) {
      if (heard.isSilent && what !== undefined) {
        this.#logger.log("info", `silence is over: a ${what} came after ${time}`);
      }
      Object.assign(heard, { records, atMs: now, isSilent: false });
    } else if (forMs >= this.#silenceMs && !heard.isSilent) {
      heard.isSilent = true;
      if (what !== undefined) {
        this.#logger.log(
          "warning",
          `no ${what} has come for ${time}; check that its source still sends to this hub`,
        );
      }
    }
  }
}
