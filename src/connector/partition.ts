import { isUtf8 } from "node:buffer";
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
import type { InFlightLimit } from "./in-flight-limit.ts";
import type { DeliveredPart, Outbox, Sender } from "./outbox.ts";
import type { CategoryCounter } from "./records/category-counter.ts";
import { repairJson } from "./records/repair.ts";
import type { RepairCounts } from "./records/repair-count.ts";
import { MessageScanner } from "./records/scanner.ts";
import { afterMark, isGzip, unpack } from "./records/unpack.ts";

export type PartitionSettings = {
  /** Records of other categories are dropped; empty: all are forwarded. */
  readonly categories: ReadonlySet<string>;
  /** Malformed JSON is repaired if it can be. */
  readonly repairsJson: boolean;
};

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

const TOO_LARGE = "the event is larger than 250,000 bytes, the most that the intake takes";
const NOT_UTF8 = "the event is not UTF-8 text, so the intake's JSON cannot carry its bytes";

/** The run of one partition while it is ours: its events go through records and chunks to the intake, and settle. */
export class PartitionRun implements PartitionReader, Sender {
  readonly partitionId: string;
  readonly #ports: PartitionPorts;
  readonly #categories: ReadonlySet<string>;
  readonly #repairsJson: boolean;
  readonly #account: LedgerSession;
  readonly #scanner = new MessageScanner();
  #watermark = new Watermark();
  readonly #abort = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #openLoad: Load | undefined;
  #isLost = false;
  #letters: DeadLetter[] = [];
  #lastSequenceNumber: number | undefined;
  /** Since the last position was told. */
  #readEvents = 0;
  #readRecords = 0;

  /** @param from The position that reading starts after. */
  constructor(
    partitionId: string,
    from: Position | StartPosition,
    { categories, repairsJson }: PartitionSettings,
    ports: PartitionPorts,
  ) {
    this.partitionId = partitionId;
    this.#categories = categories;
    this.#repairsJson = repairsJson;
    this.#ports = ports;
    this.#account = ports.ledger.open(partitionId, from);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  receive(bytes: Buffer, start: number, end: number, sequenceNumber: number): void {
    if (this.#isLost || this.#abort.signal.aborted) return;
    this.#lastSequenceNumber = sequenceNumber;
    this.#readEvents++;
    const records = this.#take(bytes, start, end, sequenceNumber);
    this.#readRecords += records;
    this.#account.received(sequenceNumber, records);
    if (this.#letters.length > 0) this.#sendLetters();
  }

  reach(position: Position, enqueuedAtMs: number): void {
    if (this.#abort.signal.aborted) return;
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
    if (this.#lastSequenceNumber === undefined) return;
    this.#ports.observer.lag(this.partitionId, Math.max(0, lastSequenceNumber - this.#lastSequenceNumber));
  }

  /**
   * The events that follow are renumbered, or begin later than expected. What was received before is still sent, but
   * has no position any more.
   */
  restart(): void {
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
    this.#ports.outbox.seal();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /**
   * Nothing more is sent; what is sent already is waited for, and its position is stored a last time, so that the next
   * reader does not send it again.
   */
  close(): void {
    if (this.#isLost || this.#abort.signal.aborted) return;
    this.#isLost = true;
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
    while (this.#underWay.size > 0 && !signal.aborted) {
      await Promise.race([Promise.all(this.#underWay), abandoned]);
    }
    if (!signal.aborted) await checkpointer.flush(this.partitionId, signal).catch(() => undefined);
    cancel();
    this.abandon();
  }

  /** Gives up what is not settled: whoever reads the partition next starts at its checkpoint. */
  abandon(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort(new Error(`partition ${this.partitionId} is read no longer`));
    this.#account.close();
    this.#ports.outbox.leave(this);
    if (this.#openLoad !== undefined) this.#release(this.#openLoad);
    this.#openLoad = undefined;
    this.#ports.checkpointer.forget(this.partitionId);
    this.#ports.observer.partitionClosed(this.partitionId);
  }

  /** @returns how many records the message holds. */
  #take(bytes: Buffer, start: number, end: number, sequenceNumber: number): number {
    if (isGzip(bytes, start, end)) {
      const body = bytes.subarray(start, end);
      const unpacked = unpack(body);
      if (unpacked.kind === "unreadable") {
        this.#setAside(body, sequenceNumber, 0, "BODY_UNREADABLE", unpacked.detail);
        return 1;
      }
      return this.#takeText(unpacked.bytes, unpacked.start, unpacked.end, sequenceNumber);
    }
    return this.#takeText(bytes, afterMark(bytes, start, end), end, sequenceNumber);
  }

  #takeText(bytes: Buffer, start: number, end: number, sequenceNumber: number): number {
    const scanner = this.#scanner;
    const { categoryCounter, repairs, outbox } = this.#ports;
    const shape = scanner.scan(bytes, start, end);
    if (shape === "heartbeat") {
      this.#settled("heartbeat", 1);
      return 1;
    }
    if (shape === "text" && this.#repairsJson) {
      const repair = repairJson(bytes.subarray(start, end));
      if (repair !== undefined) {
        const records = this.#takeText(repair.bytes, 0, repair.bytes.length, sequenceNumber);
        repairs.count(repair.kinds, scanner.count > 0 ? scanner.category(0) : undefined);
        return records;
      }
      // Looking for a repair may have scanned another text.
      scanner.scan(bytes, start, end);
    }
    const isText = scanner.isAscii || isUtf8(bytes.subarray(start, end));
    const { engine, count } = scanner;
    let filtered = 0;
    for (let index = 0; index < count; index++) {
      const from = scanner.start(index);
      const to = scanner.end(index);
      scanner.countCategory(index, categoryCounter);
      if (
        this.#categories.size > 0 &&
        scanner.isObject(index) &&
        !this.#categories.has(scanner.category(index) ?? "")
      ) {
        filtered++;
      } else if (!isText && !isUtf8(engine.bytes.subarray(from, to))) {
        this.#setAside(engine.bytes.subarray(from, to), sequenceNumber, index, "EVENT_NOT_UTF8", NOT_UTF8);
      } else if (!outbox.add(this, engine, from, to, sequenceNumber, index)) {
        this.#setAside(engine.bytes.subarray(from, to), sequenceNumber, index, "EVENT_TOO_LARGE", TOO_LARGE);
      }
    }
    if (filtered > 0) this.#settled("filtered", filtered);
    return count;
  }

  held(bytes: number): void {
    this.#openLoad ??= this.#openSpan(0, 0);
    this.#openLoad.records++;
    this.#openLoad.bytes += bytes;
    this.#account.hold(1);
    this.#ports.inFlight.take(1, bytes);
  }

  sent(part: Promise<DeliveredPart>): void {
    const load = this.#openLoad ?? this.#openSpan(0, 0);
    this.#openLoad = undefined;
    this.#run(load, async (signal) => {
      const { accepted, refused } = await part;
      if (refused.length > 0) {
        const letters = refused.map(({ record, reason, detail }) => ({ ...record, reason, detail }));
        await this.#ports.deadLetters.store(letters, signal);
        this.#settled("dead-lettered", refused.length);
      }
      if (accepted !== 0) this.#settled("forwarded", accepted);
    });
  }

  /** @param bytes A view of the read buffer; the letter keeps a copy. */
  #setAside(
    bytes: Buffer,
    sequenceNumber: number,
    recordIndex: number,
    reason: DeadLetterReason,
    detail: string,
  ): void {
    const { partitionId } = this;
    this.#letters.push({
      partitionId,
      sequenceNumber,
      bytes: Buffer.from(bytes),
      recordIndex,
      reason,
      detail,
    });
  }

  #sendLetters(): void {
    const letters = this.#letters;
    this.#letters = [];
    const bytes = letters.reduce((sum, letter) => sum + letter.bytes.length, 0);
    this.#account.hold(letters.length);
    this.#ports.inFlight.take(letters.length, bytes);
    this.#run(this.#openSpan(letters.length, bytes), async (signal) => {
      await this.#ports.deadLetters.store(letters, signal);
      this.#settled("dead-lettered", letters.length);
    });
  }

  /** Owns the work of one span: it settles when the work is done, and stays open when the run is given up. */
  #run(load: Load, work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#abort;
    const task = work(signal)
      .then(() => {
        load.watermark.settle(load.span, load.records);
        this.#offerPosition();
      })
      .catch((thrown: unknown) => {
        if (signal.aborted) return;
        this.#ports.logger.log("error", `partition ${this.partitionId} cannot go on: ${messageOf(thrown)}`);
        this.#ports.fail(thrown);
      })
      .finally(() => {
        this.#release(load);
        this.#underWay.delete(task);
      });
    this.#underWay.add(task);
  }

  #openSpan(records: number, bytes: number): Load {
    return { watermark: this.#watermark, span: this.#watermark.open(), records, bytes };
  }

  #release(load: Load): void {
    this.#account.release(load.records);
    this.#ports.inFlight.give(load.records, load.bytes);
  }

  #offerPosition(): void {
    if (!this.#abort.signal.aborted) {
      this.#ports.checkpointer.offer(this.partitionId, this.#watermark);
    }
  }

  #settled(outcome: Outcome, records: number): void {
    // What settles after the partition was lost is its next reader's to account for.
    if (this.#abort.signal.aborted) return;
    this.#account.settled(outcome, records);
    this.#ports.observer.settled(this.partitionId, outcome, records);
    this.#ports.observer.heartbeat(this.partitionId);
  }
}
