import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Logger } from "../kernel/log.ts";
import type { Checkpointer } from "./checkpoint/checkpointer.ts";
import type { Ledger } from "./checkpoint/ledger.ts";
import type { LedgerSession } from "./checkpoint/ledger-session.ts";
import { type Span, Watermark } from "./checkpoint/watermark.ts";
import type {
  DeadLetter,
  DeadLetterPort,
  DeadLetterReason,
  Outcome,
  PartitionEnd,
  PartitionReader,
  PipelineObserver,
  Position,
  StartPosition,
} from "./contract.ts";
import { LetterBatch } from "./deadletter/letter-batch.ts";
import type { InFlightLimit } from "./in-flight-limit.ts";
import { type CutterSettings, MessageCutter, type RecordSink } from "./message-cutter.ts";
import type { Outbox, Recipient, Sender } from "./outbox.ts";
import type { CategoryCounter } from "./records/category-counter.ts";
import type { RepairCounts } from "./records/repair-count.ts";
import type { TextEngine } from "./scan/engine.ts";

export type PartitionPorts = {
  readonly outbox: Outbox;
  readonly deadLetters: DeadLetterPort;
  readonly checkpointer: Checkpointer;
  readonly ledger: Ledger;
  readonly categoryCounter: CategoryCounter;
  readonly repairs: RepairCounts;
  readonly inFlight: InFlightLimit;
  readonly observer: PipelineObserver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something broke that must not: the position is kept, and the whole run ends so that it can start again. */
  readonly fail: (error: unknown) => void;
};

/** How long the requests that are under way may take when the partition is lost: its next reader waits about as long. */
const HANDOVER_MS = 5000;

/** What a span holds of the window until it is settled. */
type Load = { readonly watermark: Watermark; readonly span: Span; records: number; bytes: number };

/** A message of which not all records had room. */
type Rest = {
  /** How far the messages up to it reach: told once all of its records are taken. */
  reach: { readonly position: Position; readonly enqueuedAtMs: number } | undefined;
  /** Records that are left. */
  records: number;
  readonly forget: () => void;
  readonly over: PromiseWithResolvers<void>;
};

/** The run of one partition while it is ours: its events go through records and chunks to the intake, and settle. */
export class PartitionRun implements PartitionReader, Sender, RecordSink {
  readonly partitionId: string;
  readonly #ports: PartitionPorts;
  readonly #account: LedgerSession;
  readonly #cutter: MessageCutter;
  #rest: Rest | undefined;
  #watermark = new Watermark();
  readonly #abort = new AbortController();
  /** Spans whose work goes on, and what waits for the end of all of it. */
  #underWay = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  #openLoad: Load | undefined;
  #isLost = false;
  #isGivenUp = false;
  #letters: LetterBatch | undefined;
  #lastSequenceNumber: number | undefined;
  /** Since the last position was told. */
  #readEvents = 0;
  #readRecords = 0;

  /** @param from The position that reading starts after. */
  constructor(
    partitionId: string,
    from: Position | StartPosition,
    settings: CutterSettings,
    ports: PartitionPorts,
  ) {
    this.partitionId = partitionId;
    this.#ports = ports;
    this.#account = ports.ledger.open(partitionId, from);
    this.#cutter = new MessageCutter(settings, { ...ports, sink: this });
  }

  receive(bytes: Buffer, start: number, end: number, sequenceNumber: number): void {
    if (this.#isLost || this.#isGivenUp) {
      return;
    }
    this.#lastSequenceNumber = sequenceNumber;
    this.#readEvents++;
    const records = this.#cutter.take(bytes, start, end, sequenceNumber);
    this.#readRecords += records;
    this.#account.received(sequenceNumber, records);
    if (this.#letters !== undefined) {
      this.#sendLetters(this.#letters);
    }
    if (this.#cutter.left > 0) {
      this.#wait(this.#cutter.left);
    }
  }

  reach(position: Position, enqueuedAtMs: number): void {
    if (this.#isGivenUp) {
      return;
    }
    if (this.#rest !== undefined) {
      this.#rest.reach = { position, enqueuedAtMs };
      return;
    }
    this.#watermark.reach(position, this.#readEvents);
    this.#account.reached(enqueuedAtMs);
    this.#ports.observer.received(this.partitionId, this.#readEvents, this.#readRecords, enqueuedAtMs);
    this.#readEvents = 0;
    this.#readRecords = 0;
    this.#offerPosition();
    this.alive();
  }

  get pendingEvents(): number {
    return this.#watermark.openEvents + this.#readEvents;
  }

  alive(): void {
    this.#ports.observer.heartbeat(this.partitionId);
  }

  observeEnd(end: PartitionEnd): void {
    this.#ports.ledger.observeEnd(this.partitionId, end);
    const { lastSequenceNumber } = end;
    if (this.#lastSequenceNumber === undefined) {
      return;
    }
    this.#ports.observer.lag(this.partitionId, Math.max(0, lastSequenceNumber - this.#lastSequenceNumber));
  }

  /**
   * The events that follow are renumbered, or begin later than expected. What was received before is still sent, but
   * has no position any more.
   */
  restart(): void {
    if (this.#rest !== undefined) {
      this.#rest.reach = undefined;
    }
    this.#ports.outbox.seal();
    this.#watermark = new Watermark();
    this.#account.restart();
    this.#ports.checkpointer.forget(this.partitionId);
  }

  flush(): void {
    this.#ports.outbox.flush();
  }

  /** Sends what waits for company, and waits until all is settled. */
  async drain(): Promise<void> {
    for (;;) {
      this.#ports.outbox.seal();
      if (this.#rest !== undefined) {
        await this.#rest.over.promise;
      } else if (this.#underWay > 0) {
        await this.#allSettled();
      } else {
        return;
      }
    }
  }

  /**
   * Nothing more is sent; what is sent already is waited for, and its position is stored a last time, so that the next
   * reader does not send it again.
   */
  close(): void {
    if (this.#isLost || this.#isGivenUp) {
      return;
    }
    this.#isLost = true;
    this.#dropRest();
    this.#ports.outbox.leave(this);
    this.#ports.checkpointer.handOver(this.partitionId);
    void this.#finish();
  }

  async #finish(): Promise<void> {
    const { clock, checkpointer } = this.#ports;
    const { signal } = this.#abort;
    const cancel = clock.after(HANDOVER_MS, () => this.abandon());
    const abandoned = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    while (this.#underWay > 0 && !signal.aborted) {
      await Promise.race([this.#allSettled(), abandoned]);
    }
    if (!signal.aborted) {
      await checkpointer.flush(this.partitionId, signal).catch(() => undefined);
    }
    cancel();
    this.abandon();
  }

  /** Gives up what is not settled: whoever reads the partition next starts at its checkpoint. */
  abandon(): void {
    if (this.#isGivenUp) {
      return;
    }
    this.#isGivenUp = true;
    const reason = new Error(`partition ${this.partitionId} is no longer read`);
    this.#abort.abort(reason);
    this.#account.close();
    this.#dropRest();
    this.#ports.outbox.giveUp(this, reason);
    if (this.#openLoad !== undefined) {
      this.#release(this.#openLoad);
    }
    this.#openLoad = undefined;
    this.#ports.checkpointer.forget(this.partitionId);
    this.#ports.observer.partitionClosed(this.partitionId);
  }

  get hasRoom(): boolean {
    return !this.#ports.inFlight.isExceeded;
  }

  add(engine: TextEngine, start: number, end: number, sequenceNumber: number, recordIndex: number): boolean {
    return this.#ports.outbox.add(this, engine, start, end, sequenceNumber, recordIndex);
  }

  held(bytes: number): void {
    this.#openLoad ??= this.#openSpan(0, 0);
    this.#openLoad.records++;
    this.#openLoad.bytes += bytes;
    this.#account.hold(1);
    this.#ports.inFlight.take(1, bytes);
  }

  sent(): Recipient {
    const load = this.#openLoad ?? this.#openSpan(0, 0);
    this.#openLoad = undefined;
    this.#underWay++;
    return {
      delivered: ({ accepted, refused }) => {
        if (refused.length === 0) {
          this.#settle(load, accepted, 0);
          return;
        }
        const letters = refused.map(({ record, reason, detail }) => ({ ...record, reason, detail }));
        void this.#store(letters, load, accepted);
      },
      failed: (error) => this.#failed(load, error),
    };
  }

  setAside(
    bytes: Buffer,
    sequenceNumber: number,
    recordIndex: number,
    reason: DeadLetterReason,
    detail: string,
  ): void {
    this.#letters ??= new LetterBatch();
    const letter = { partitionId: this.partitionId, bytes: Buffer.from(bytes) };
    this.#letters.add({ ...letter, sequenceNumber, recordIndex, reason, detail });
    if (this.#letters.isFull) {
      this.#sendLetters(this.#letters);
    }
  }

  #sendLetters({ letters, bytes }: LetterBatch): void {
    this.#letters = undefined;
    this.#account.hold(letters.length);
    this.#ports.inFlight.take(letters.length, bytes);
    this.#underWay++;
    void this.#store(letters, this.#openSpan(letters.length, bytes), 0);
  }

  #wait(records: number): void {
    this.#account.hold(records);
    const forget = this.#ports.inFlight.wait(() => this.#goOn());
    this.#rest = { reach: undefined, records, forget, over: Promise.withResolvers() };
    // What fills the room may be in the open body alone.
    this.flush();
  }

  /** Takes more of the message that waits. @returns whether that was all. */
  #goOn(): boolean {
    const rest = this.#rest;
    if (rest === undefined) {
      return true;
    }
    this.#account.release(rest.records);
    this.#cutter.goOn();
    if (this.#letters !== undefined) {
      this.#sendLetters(this.#letters);
    }
    rest.records = this.#cutter.left;
    this.#account.hold(rest.records);
    if (rest.records > 0) {
      this.flush();
      return false;
    }
    this.#rest = undefined;
    if (rest.reach !== undefined) {
      this.reach(rest.reach.position, rest.reach.enqueuedAtMs);
    }
    rest.over.resolve();
    return true;
  }

  /** The next reader takes the message again; until this one's account is closed, what is left is pending in it. */
  #dropRest(): void {
    const rest = this.#rest;
    this.#rest = undefined;
    this.#cutter.drop();
    rest?.forget();
    rest?.over.resolve();
  }

  /** The last of a span's work: its dead letters. Never rejects. */
  async #store(letters: readonly DeadLetter[], load: Load, forwarded: number): Promise<void> {
    try {
      await this.#ports.deadLetters.store(letters, this.#abort.signal);
    } catch (thrown) {
      this.#failed(load, thrown);
      return;
    }
    this.#settle(load, forwarded, letters.length);
  }

  /** The work of a span is done. */
  #settle(load: Load, forwarded: number, deadLettered: number): void {
    try {
      if (deadLettered > 0) {
        this.settled("dead-lettered", deadLettered);
      }
      if (forwarded !== 0) {
        this.settled("forwarded", forwarded);
      }
      load.watermark.settle(load.span, load.records);
      this.#offerPosition();
    } catch (thrown) {
      this.#failed(load, thrown);
      return;
    }
    this.#end(load);
  }

  /** The work of a span failed, or was given up: it stays open. */
  #failed(load: Load, thrown: unknown): void {
    if (!this.#isGivenUp) {
      this.#ports.logger.log("error", `partition ${this.partitionId} cannot go on: ${messageOf(thrown)}`);
      this.#ports.fail(thrown);
    }
    this.#end(load);
  }

  #end(load: Load): void {
    this.#release(load);
    this.#underWay--;
    if (this.#underWay === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
  }

  #allSettled(): Promise<void> {
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  #openSpan(records: number, bytes: number): Load {
    return { watermark: this.#watermark, span: this.#watermark.open(), records, bytes };
  }

  #release(load: Load): void {
    this.#account.release(load.records);
    this.#ports.inFlight.give(load.records, load.bytes);
  }

  #offerPosition(): void {
    if (!this.#isGivenUp) {
      this.#ports.checkpointer.offer(this.partitionId, this.#watermark);
    }
  }

  settled(outcome: Outcome, records: number): void {
    // What settles after the partition was lost is its next reader's to account for.
    if (this.#isGivenUp) {
      return;
    }
    this.#account.settled(outcome, records);
    this.#ports.observer.settled(this.partitionId, outcome, records);
    this.#ports.observer.heartbeat(this.partitionId);
  }
}
