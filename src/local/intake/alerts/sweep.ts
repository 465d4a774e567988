import { setTimeout as wait } from "node:timers/promises";
import type { RuleEvent } from "../../../rules/contract.ts";
import { readEvent } from "../event-json.ts";
import type { NumberRange } from "../index/search.ts";
import type { EventStore, StoredEvent } from "../store.ts";

/** Events of one sweep; of more, the newest. */
const MAX_EVENTS = 1_000_000;
/** Work at a stretch; then events are received and searches answered. */
const STRETCH_MS = 10;

export type SweepOptions = {
  readonly range: NumberRange;
  /** For rules that need several events. */
  readonly isOldestFirst: boolean;
  readonly signal: AbortSignal;
  /** Told after each stretch. */
  readonly onProgress: (examined: number) => void;
};

/** How many events a sweep of the range looks at. */
export function sweepSize({ from, to }: NumberRange): number {
  return Math.min(MAX_EVENTS, Math.max(0, to - from));
}

/** Shows stored events that were parsed to `visit`, a stretch at a time, until the signal or the end. */
export async function sweep(
  store: EventStore,
  { range, isOldestFirst, signal, onProgress }: SweepOptions,
  visit: (event: RuleEvent, stored: StoredEvent) => void,
): Promise<void> {
  const size = sweepSize(range);
  let stretchedAtMs = performance.now();
  for (let at = 0; at < size; at++) {
    if (performance.now() - stretchedAtMs > STRETCH_MS) {
      onProgress(at);
      await wait(1);
      if (signal.aborted) {
        return;
      }
      stretchedAtMs = performance.now();
    }
    const stored = store.event(isOldestFirst ? range.to - size + at : range.to - 1 - at);
    if (stored !== undefined && stored.ecs !== null) {
      visit(readEvent(stored.ecs), stored);
    }
  }
  onProgress(size);
}
