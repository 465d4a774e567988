import type { Static } from "typebox";
import { sweep, sweepSize } from "../../local/intake/alerts/sweep.ts";
import type { EventStore } from "../../local/intake/store.ts";
import type { RuleMatch } from "../../rules/contract.ts";
import { compileRules } from "../../rules/engine.ts";
import type { RuleTrial, TryRule } from "../contract/alerts.ts";
import { diagnosticOf, placesIn } from "./alerts.ts";
import { type Events, queryOf } from "./events.ts";
import { Refused } from "./problem.ts";

const MAX_RUNNING = 3;
const MAX_KEPT = 10;
const MAX_HITS = 100;
/** A trial that takes no longer is answered at once. */
const ANSWER_WITHIN_MS = 300;
const FILE = "rule.yml";

type Trial = {
  readonly told: { -readonly [Key in keyof Static<typeof RuleTrial>]: Static<typeof RuleTrial>[Key] };
  readonly stop: AbortController;
  ended: Promise<void>;
};

/** Rules that are tried on stored events. They raise nothing. */
export class Trials {
  readonly #store: EventStore;
  readonly #events: Events;
  readonly #trials = new Map<string, Trial>();
  #last = 0;

  constructor(events: Events) {
    this.#store = events.store;
    this.#events = events;
  }

  async start(asked: Static<typeof TryRule>): Promise<Static<typeof RuleTrial>> {
    const id = String(++this.#last);
    const range = this.#store.rangeOf(queryOf({ period: asked.period }));
    const { rules, diagnostics } = compileRules([{ name: FILE, text: asked.text }], {
      dialect: asked.dialect,
    });
    const size = rules.infos.length === 0 ? 0 : sweepSize(range);
    const told: Trial["told"] = {
      id,
      state: "running",
      diagnostics: diagnostics.map(diagnosticOf),
      examined: 0,
      of: size,
      isWhole: size === 0 || size === range.to - range.from,
      total: 0,
      hits: [],
      matches: [],
      tookMs: 0,
    };
    const trial: Trial = { told, stop: new AbortController(), ended: Promise.resolve() };
    this.#keep(trial);
    const correlator = rules.correlator();
    const started = performance.now();
    const newest: number[] = [];
    let latest: RuleMatch | undefined;
    const isOldestFirst = rules.infos.some(({ kind }) => kind === "correlation");
    const options = {
      range: { from: range.to - size, to: range.to },
      isOldestFirst,
      signal: trial.stop.signal,
      onProgress: (examined: number) => {
        told.examined = examined;
        told.tookMs = performance.now() - started;
      },
    };
    const end = (): void => {
      told.state = told.examined === size ? "done" : "stopped";
      told.tookMs = performance.now() - started;
      told.hits = newest
        .flatMap((number) => this.#store.event(number) ?? [])
        .map((event) => this.#events.hit(event));
      if (latest === undefined) {
        return;
      }
      const { rule: info } = latest;
      const known = { id: "", info, text: asked.text, dialect: asked.dialect, isBundled: false };
      told.matches = placesIn(known, latest);
    };
    trial.ended = sweep(this.#store, options, (event, { number, eventId, receivedAtMs }) => {
      const [match] = correlator.take(event, { now: new Date(receivedAtMs), reference: eventId });
      if (match === undefined) {
        return;
      }
      told.total += 1;
      if (isOldestFirst || latest === undefined) {
        latest = match;
      }
      if (isOldestFirst) {
        newest.unshift(number);
      } else if (newest.length < MAX_HITS) {
        newest.push(number);
      }
      newest.length = Math.min(newest.length, MAX_HITS);
    }).then(end, end);
    await Promise.race([
      trial.ended,
      new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS).unref()),
    ]);
    return { ...told };
  }

  trial(id: string): Static<typeof RuleTrial> {
    return { ...this.#trial(id).told };
  }

  async stop(id: string): Promise<Static<typeof RuleTrial>> {
    const trial = this.#trial(id);
    trial.stop.abort(new Error("stopped by a person"));
    await trial.ended;
    return { ...trial.told };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#trials.keys()].map((id) => this.stop(id)));
  }

  #trial(id: string): Trial {
    const trial = this.#trials.get(id);
    if (trial === undefined) {
      throw new Refused("not-found", "This trial is over. Try the rule again.");
    }
    return trial;
  }

  #keep(trial: Trial): void {
    this.#trials.set(trial.told.id, trial);
    const running = [...this.#trials.values()].filter(({ told }) => told.state === "running");
    for (const old of running.slice(0, -MAX_RUNNING)) {
      old.stop.abort(new Error("newer trials began"));
    }
    for (const { told } of [...this.#trials.values()].slice(0, -MAX_KEPT)) {
      if (told.state !== "running") {
        this.#trials.delete(told.id);
      }
    }
  }
}
