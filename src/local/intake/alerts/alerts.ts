import type { Indicators, RuleMatch, SimilarityEntity } from "../../../rules/contract.ts";
import { similarityEntity } from "../../../rules/engine.ts";
import type { DetectionStatistics, Firing } from "../pipeline/messages.ts";
import type { EventStore } from "../store.ts";
import { type Alert, AlertStore, type Finding, higher } from "./alert-store.ts";
import { Detection, type DetectionOptions, type KnownRule } from "./detection.ts";
import { sweep, sweepSize } from "./sweep.ts";

/** New indicators that are tried on what is stored already. */
export type Hunt = {
  readonly indicators: number;
  readonly of: number;
  readonly examined: number;
  /** Events in which one of them was found. */
  readonly hits: number;
  readonly isRunning: boolean;
};

export type AlertsOptions = {
  readonly store: EventStore;
  readonly detection: DetectionOptions;
  /** Called when rules or indicators were read again. */
  readonly onRules: () => void;
  /** Waits until what is stored now was held against the rules. */
  readonly settled: () => Promise<unknown>;
  /** How often the files of rules and indicators are looked at. */
  readonly lookEveryMs?: number | undefined;
};

/** What may be asked of the alerts; they change by the calls of `Alerts` alone. */
type StoredAlerts = Pick<
  AlertStore,
  "alert" | "find" | "ofEvent" | "numbers" | "openCount" | "count" | "countByRule"
>;

const LOOK_EVERY_MS = 1000;
/** Looking at many files takes a while; it is to take a hundredth of the time at most. */
const LOOK_SHARE = 100;

/** What the intake makes of events that rules fire on. */
export class Alerts {
  readonly detection: Detection;
  readonly stored: StoredAlerts;
  readonly #store: EventStore;
  readonly #alerts: AlertStore;
  readonly #lookEveryMs: number;
  readonly #onRules: () => void;
  readonly #settled: () => Promise<unknown>;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(changed: readonly Alert[]) => void>();
  readonly #waiting = new Set<number>();
  #off: ReadonlySet<string>;
  #hunting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  /** The last one; undefined when none was needed. */
  hunt: Hunt | undefined;
  /** What the rules that need several events remember. */
  statistics: DetectionStatistics;

  constructor({ store, detection, onRules, settled, lookEveryMs }: AlertsOptions) {
    this.#onRules = onRules;
    this.#settled = settled;
    this.#store = store;
    this.#alerts = new AlertStore(store.database);
    this.stored = this.#alerts;
    this.#off = this.#alerts.rulesOff();
    this.detection = new Detection(detection);
    this.statistics = this.detection.statistics();
    this.#lookEveryMs = lookEveryMs ?? LOOK_EVERY_MS;
    this.#look(this.#lookEveryMs);
  }

  /** Stores what fired: inside of the transaction that stores what was made of the events. */
  record(firings: readonly Firing[]): void {
    for (const { matches, number, entity, receivedAtMs } of firings) {
      this.#record(matches, number, entity, receivedAtMs);
    }
  }

  /** Tells what changed since the last time; of a transaction that failed nothing. */
  settle(isStored: boolean): void {
    if (this.#waiting.size === 0) {
      return;
    }
    const ids = [...this.#waiting];
    this.#waiting.clear();
    if (!isStored || this.#listeners.size === 0) {
      return;
    }
    this.#tell(ids.flatMap((id) => this.#alerts.alert(id) ?? []));
  }

  /** Tells alerts that were made, added to, opened or closed; an empty list says that rules changed. @returns ends it. */
  listen(listener: (changed: readonly Alert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @returns false when another alert of the same rule and entity is open already. */
  setOpen(alert: Alert, isOpen: boolean): boolean {
    const isDone = this.#alerts.setOpen(alert, isOpen);
    if (isDone) {
      this.#tell([this.#alerts.alert(alert.id) ?? alert]);
    }
    return isDone;
  }

  isOn({ id }: KnownRule): boolean {
    return !this.#off.has(id);
  }

  switchRule({ id }: KnownRule, isOn: boolean): void {
    this.#alerts.switchRule(id, isOn);
    this.#off = this.#alerts.rulesOff();
    this.#tell([]);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the intake ends"));
    clearTimeout(this.#timer);
    await this.#hunting;
  }

  #look(afterMs: number): void {
    this.#timer = setTimeout(() => {
      const started = performance.now();
      const { isChanged, newIndicators } = this.detection.refresh();
      if (isChanged) {
        this.#onRules();
      }
      if (newIndicators !== undefined) {
        this.#startHunt(newIndicators);
      }
      if (isChanged) {
        this.#tell([]);
      }
      this.#look(Math.max(this.#lookEveryMs, (performance.now() - started) * LOOK_SHARE));
    }, afterMs).unref();
  }

  #startHunt(indicators: Indicators): void {
    const begin = async () => {
      // Events under way are still held against the earlier indicators.
      await this.#settled();
      const range = { from: 1, to: this.#store.lastNumber + 1 };
      const hunt = {
        indicators: indicators.size,
        of: sweepSize(range),
        examined: 0,
        hits: 0,
        isRunning: true,
      };
      const rules = new Map<string, KnownRule>(
        this.detection.rules.filter(({ info }) => info.kind === "indicators").map((rule) => [rule.id, rule]),
      );
      this.hunt = hunt;
      const options = {
        range,
        isOldestFirst: false,
        signal: this.#closing.signal,
        onProgress: (examined: number) => {
          hunt.examined = examined;
        },
      };
      await sweep(this.#store, options, (event, { number, receivedAtMs }) => {
        const found = indicators.match(event, { now: new Date() });
        if (found.length === 0) {
          return;
        }
        hunt.hits += 1;
        const known = new Set(this.#alerts.ofEvent(number).map(({ ruleId }) => ruleId));
        for (const [id, { info }] of rules) {
          if (known.has(id)) {
            continue;
          }
          const matches = found.map(({ level, field, ...indicator }) => {
            return { rule: info, level, selections: [], fields: [field], indicator };
          });
          this.#record(matches, number, similarityEntity(event), receivedAtMs);
        }
        this.settle(true);
      }).finally(() => {
        hunt.isRunning = false;
        this.#tell([]);
      });
    };
    // One after the other; a failure of the database shows when the next event is stored.
    this.#hunting = this.#hunting.then(begin).catch(() => undefined);
  }

  #record(
    matches: readonly RuleMatch[],
    number: number,
    entity: SimilarityEntity,
    receivedAtMs: number,
  ): void {
    for (const [ruleId, ofRule] of Map.groupBy(matches, ({ rule }) => rule.id ?? rule.name)) {
      if (this.#off.has(ruleId)) {
        continue;
      }
      for (const match of merged(ofRule)) {
        const { rule, level, selections, fields, correlation } = match;
        const references = (correlation?.references ?? []).map(Number);
        const oldest = Math.min(number, ...references);
        const finding: Finding = {
          ruleId,
          ruleTitle: rule.title,
          level,
          entity,
          matched: { selections, fields },
          numbers: [...new Set([...references, number])],
          events: correlation?.events ?? 1,
          firstAtMs: oldest === number ? receivedAtMs : this.#store.receivedAt(oldest),
          lastAtMs: receivedAtMs,
        };
        const id = this.#alerts.record(finding);
        if (id !== undefined) {
          this.#waiting.add(id);
        }
      }
    }
  }

  #tell(changed: readonly Alert[]): void {
    for (const listener of this.#listeners) {
      listener(changed);
    }
  }
}

/** Several indicators in one event are one finding, of the highest level. */
function merged(matches: readonly RuleMatch[]): readonly RuleMatch[] {
  const [first, ...others] = matches;
  if (first === undefined || others.length === 0 || first.correlation !== undefined) {
    return matches;
  }
  const level = matches.map((match) => match.level).reduce(higher);
  const selections = [...new Set(matches.flatMap((match) => match.selections))];
  return [{ ...first, level, selections, fields: matches.flatMap(({ fields }) => fields) }];
}
