import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../../kernel/errors.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { ReceivedEvent } from "../decode.ts";
import { Refusal } from "../refusal.ts";
import type { EventStore } from "../store.ts";
import type { Batch, Processed, Worker, WorkerEvents } from "./messages.ts";

const MAX_BATCH_EVENTS = 1000;
const MAX_BATCH_CHARS = 2 * 1024 * 1024;
/** Events that were received and not yet given to the worker: beyond, the next request waits. */
const MAX_WAITING_EVENTS = 20_000;
const MAX_WAITING_CHARS = 48 * 1024 * 1024;
const MAX_WAIT_MS = 10_000;
const RETRY_MS = 1000;
/** A search waits for so many events that were accepted before it, and so long. */
const MAX_SOON_EVENTS = 2000;
const MAX_SOON_MS = 2000;

type UnderWay = { readonly first: number; readonly count: number };
type Waiting = { readonly event: ReceivedEvent; readonly atMs: number };

export type PipelineOptions = {
  readonly store: EventStore;
  readonly alerts: Alerts;
  readonly workerOf: (events: WorkerEvents) => Worker;
};

/**
 * Takes events in two steps. The first stores them as they came, and then they are answered for. The second, by a worker,
 * parses them, holds them against the rules and indexes them; what it makes of a batch is stored whole, with how far it
 * came. So nothing is lost when the process is killed, and no rule fires twice on an event.
 */
export class Pipeline {
  readonly #store: EventStore;
  readonly #alerts: Alerts;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #settling = new Set<{ readonly number: number; readonly done: (isSettled: boolean) => void }>();
  /** Before this number events are read from the database, not waited for. */
  readonly #storedAtStart: number;
  #waitingChars = 0;
  #underWay: UnderWay[] = [];
  /** Results that are of no use any more. */
  #stale = 0;
  #next: number;
  #suspect = 0;
  readonly #poison = new Set<number>();
  #isPumping = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor({ store, alerts, workerOf }: PipelineOptions) {
    this.#store = store;
    this.#alerts = alerts;
    this.#storedAtStart = store.storedCount;
    this.#next = store.index.firstOpen;
    this.#worker = workerOf({
      onProcessed: (result) => this.#take(result),
      onLost: (reason) => this.#lost(reason),
    });
    this.#pump();
  }

  /** Stores all events, durably, or, if it throws, none. */
  insert(events: readonly ReceivedEvent[], eventIds: readonly string[], nowMs: number): void {
    const { first, receivedAtMs } = this.#store.insert(events, eventIds, nowMs);
    for (const [index, event] of events.entries()) {
      if (this.#waiting.size >= MAX_WAITING_EVENTS || this.#waitingChars > MAX_WAITING_CHARS) {
        break;
      }
      this.#waiting.set(first + index, { event, atMs: receivedAtMs });
      this.#waitingChars += event.raw.length;
    }
    this.#pump();
  }

  /**
   * Waits until the worker has caught up so far that more events may come.
   * @throws Refusal 503 when that takes too long.
   */
  async room(): Promise<void> {
    const endMs = performance.now() + MAX_WAIT_MS;
    while (this.#isFull) {
      if (performance.now() > endMs || this.#isClosed) {
        throw new Refusal(503, "more events wait to be parsed than the intake holds; send them again", 1);
      }
      await wait(5);
    }
  }

  /**
   * Waits until every event that is stored now can be found.
   * @returns false when that took longer than `withinMs`.
   */
  async settled(withinMs?: number): Promise<boolean> {
    const number = this.#store.storedCount;
    if (this.#store.lastNumber >= number) {
      return true;
    }
    return new Promise((resolve) => {
      const end = (isDone: boolean) => {
        clearTimeout(timer);
        this.#settling.delete(settling);
        resolve(isDone);
      };
      const settling = { number, done: end };
      const timer = withinMs === undefined ? undefined : setTimeout(() => end(false), withinMs);
      this.#settling.add(settling);
    });
  }

  /** The same for an answer, which waits no longer than a person would: not at all while much is waiting. */
  async settledSoon(): Promise<void> {
    await this.#worker.ready;
    if (this.#store.storedCount - this.#store.lastNumber <= MAX_SOON_EVENTS) {
      await this.settled(MAX_SOON_MS);
    }
  }

  refreshRules(): void {
    this.#worker.refreshRules();
  }

  useFormat(folder: string): void {
    this.#worker.useFormat(folder);
  }

  /** Ends after what was received was worked on, or a while; the rest is done at the next start. */
  async close(): Promise<void> {
    await this.settled(MAX_WAIT_MS);
    this.#isClosed = true;
    clearTimeout(this.#retry);
    for (const settling of [...this.#settling]) {
      settling.done(false);
    }
    await this.#worker.close();
  }

  get #isFull(): boolean {
    const given = Math.max(this.#next - 1, this.#storedAtStart);
    return this.#store.storedCount - given >= MAX_WAITING_EVENTS || this.#waitingChars > MAX_WAITING_CHARS;
  }

  #pump(): void {
    if (this.#isPumping || this.#retry !== undefined) {
      return;
    }
    this.#isPumping = true;
    try {
      while (
        !this.#isClosed &&
        this.#underWay.length < this.#worker.depth &&
        this.#next <= this.#store.storedCount
      ) {
        const batch = this.#batch();
        const count = batch.raws.length;
        this.#underWay.push({ first: this.#next, count });
        this.#next += count;
        this.#worker.process(batch);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  /** The next events; those that were parsed before and those that were not never in one batch. */
  #batch(): Batch {
    const first = this.#next;
    const isAgain = first <= this.#store.parsedUpTo || this.#poison.has(first);
    const most = first <= this.#suspect ? 1 : MAX_BATCH_EVENTS;
    const last = isAgain && !this.#poison.has(first) ? this.#store.parsedUpTo : this.#store.storedCount;
    const batch = {
      firstNumber: first,
      receivedAtMs: [] as number[],
      intakeKeys: [] as string[],
      raws: [] as string[],
      parsed: isAgain ? ([] as (string | null)[]) : undefined,
    };
    let chars = 0;
    for (
      let number = first;
      number <= last && batch.raws.length < most && chars < MAX_BATCH_CHARS;
      number++
    ) {
      if (this.#poison.has(number) && number > first) {
        break;
      }
      const waiting = this.#waiting.get(number);
      if (waiting !== undefined) {
        this.#waiting.delete(number);
        this.#waitingChars -= waiting.event.raw.length;
      }
      if (waiting !== undefined && !isAgain) {
        batch.receivedAtMs.push(waiting.atMs);
        batch.intakeKeys.push(waiting.event.intakeKey);
        batch.raws.push(waiting.event.raw);
        chars += waiting.event.raw.length;
      } else {
        const stored = this.#store.event(number);
        batch.receivedAtMs.push(stored?.receivedAtMs ?? 0);
        batch.intakeKeys.push(stored?.intakeKey ?? "");
        batch.raws.push(stored?.raw ?? "");
        batch.parsed?.push(stored?.ecs ?? null);
        chars += (stored?.raw.length ?? 0) + (stored?.ecs?.length ?? 0);
      }
      if (this.#poison.has(number)) {
        break;
      }
    }
    return batch;
  }

  #take(result: Processed): void {
    if (this.#stale > 0) {
      this.#stale -= 1;
      return;
    }
    const done = this.#underWay[0];
    if (done === undefined) {
      return;
    }
    let isStored = false;
    try {
      this.#store.record(done.first, done.count, result, () => this.#alerts.record(result.firings));
      isStored = true;
      this.#underWay.shift();
    } catch (thrown) {
      this.#again(`what was made of events cannot be stored: ${messageOf(thrown)}`);
    } finally {
      this.#alerts.settle(isStored);
    }
    this.#alerts.statistics = result.statistics;
    for (const settling of [...this.#settling]) {
      if (settling.number <= this.#store.lastNumber) {
        settling.done(true);
      }
    }
    this.#pump();
  }

  /** The events that were under way are given to the worker again, after a while. */
  #again(reason: string): void {
    if (this.#isClosed) {
      return;
    }
    process.emitWarning(
      `the local intake stored the events and has to parse some again (from number ${this.#underWay[0]?.first ?? this.#next} on): ${reason}`,
    );
    this.#stale += this.#underWay.length - 1;
    this.#worker.reset();
    this.#restart();
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, RETRY_MS);
  }

  /** The worker's thread ended: a new one is there, which knows nothing. */
  #lost(reason: string): void {
    const [first] = this.#underWay;
    this.#stale = 0;
    if (first?.count === 1) {
      // It ended on this event alone: from now on its text is indexed, and nothing parses it.
      this.#poison.add(first.first);
    } else if (first !== undefined) {
      this.#suspect = first.first + first.count - 1;
    }
    process.emitWarning(
      `the thread of the local intake that parses events ended (${reason}) and was started again; it goes on from event ${first?.first ?? this.#next}`,
    );
    this.#restart();
    this.#pump();
  }

  #restart(): void {
    this.#underWay = [];
    this.#store.index.reopen();
    this.#next = this.#store.index.firstOpen;
  }
}
