import { isUtf8 } from "node:buffer";
import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Logger } from "../kernel/log.ts";
import type { Checkpointer } from "./checkpoint/checkpointer.ts";
import { type Span, Watermark } from "./checkpoint/watermark.ts";
import { Chunker, type ChunkerSettings } from "./chunks/chunker.ts";
import type {
  Chunk,
  DeadLetter,
  DeadLetterPort,
  DeadLetterReason,
  HubEvent,
  IntakePort,
  Outcome,
  PartitionReader,
  PipelineObserver,
} from "./contract.ts";
import { decodeBody } from "./records/body.ts";
import { MessageScanner } from "./records/scanner.ts";
import type { Window } from "./window.ts";

export type PartitionPorts = {
  readonly intake: IntakePort;
  readonly deadLetters: DeadLetterPort;
  readonly checkpointer: Checkpointer;
  readonly window: Window;
  readonly observer: PipelineObserver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something broke that must not: the position is kept, and the whole run ends so that it can start anew. */
  readonly fail: (error: unknown) => void;
};

/** What a span holds of the window until it is settled. */
type Load = { readonly span: Span; records: number; bytes: number };

const TOO_LARGE = "the event is larger than 250,000 bytes, the most that the intake takes";
const NOT_UTF8 = "the event is no UTF-8 text, so the intake's JSON cannot carry its bytes";

/** The run of one partition while it is ours: its events go through records and chunks to the intake, and settle. */
export class PartitionRun implements PartitionReader {
  readonly partitionId: string;
  readonly #ports: PartitionPorts;
  readonly #categories: ReadonlySet<string>;
  readonly #scanner = new MessageScanner();
  readonly #watermark = new Watermark();
  readonly #chunker: Chunker;
  readonly #abort = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #openLoad: Load | undefined;
  #letters: DeadLetter[] = [];
  #lastSequenceNumber: number | undefined;

  constructor(
    partitionId: string,
    chunks: ChunkerSettings,
    categories: ReadonlySet<string>,
    ports: PartitionPorts,
  ) {
    this.partitionId = partitionId;
    this.#categories = categories;
    this.#ports = ports;
    this.#chunker = new Chunker(partitionId, chunks, ports.clock, (chunk) => this.#send(chunk));
  }

  async receive(events: readonly HubEvent[]): Promise<void> {
    const { observer, window } = this.#ports;
    this.#abort.signal.throwIfAborted();
    observer.heartbeat(this.partitionId);
    for (const event of events) {
      if (window.isFull) await window.room(this.#abort.signal);
      const records = this.#take(event);
      this.#lastSequenceNumber = event.position.sequenceNumber;
      observer.received(this.partitionId, 1, records, event.enqueuedAtMs);
    }
    if (events.length > 0) this.#offerPosition();
  }

  observeEnd(lastSequenceNumber: number, _lastEnqueuedAtMs: number): void {
    if (this.#lastSequenceNumber === undefined) return;
    this.#ports.observer.lag(this.partitionId, Math.max(0, lastSequenceNumber - this.#lastSequenceNumber));
  }

  async close(reason: "lost" | "stopped"): Promise<void> {
    if (reason === "stopped") await this.drain();
    this.abandon();
  }

  /** Sends what waits for company, and waits until all is settled. */
  async drain(): Promise<void> {
    this.#chunker.seal();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Gives up what is not settled: whoever reads the partition next starts at its checkpoint. */
  abandon(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort(new Error(`partition ${this.partitionId} is read no longer`));
    this.#chunker.discard();
    if (this.#openLoad !== undefined) this.#release(this.#openLoad);
    this.#openLoad = undefined;
    this.#ports.checkpointer.forget(this.partitionId);
    this.#ports.observer.partitionClosed(this.partitionId);
  }

  /** @returns how many records the event holds. */
  #take(event: HubEvent): number {
    const decoded = decodeBody(event.body);
    let records = 1;
    if (decoded.kind === "unreadable") {
      this.#setAside(event, event.body, 0, "BODY_UNREADABLE", decoded.detail);
    } else if (this.#scanner.scan(decoded.bytes) === "heartbeat") {
      this.#settled("heartbeat", 1);
    } else {
      records = this.#scanner.count;
      this.#takeRecords(event, decoded.bytes);
    }
    this.#sendLetters();
    this.#watermark.reach(event.position);
    return records;
  }

  #takeRecords(event: HubEvent, bytes: Buffer): void {
    const scanner = this.#scanner;
    const isText = isUtf8(bytes);
    let filtered = 0;
    for (let index = 0; index < scanner.count; index++) {
      const start = scanner.start(index);
      const end = scanner.end(index);
      if (
        this.#categories.size > 0 &&
        scanner.isObject(index) &&
        !this.#categories.has(scanner.category(index) ?? "")
      ) {
        filtered++;
      } else if (!isText && !isUtf8(bytes.subarray(start, end))) {
        this.#setAside(event, bytes.subarray(start, end), index, "EVENT_NOT_UTF8", NOT_UTF8);
      } else if (this.#chunker.add(bytes, start, end, event.position, index)) {
        this.#hold(end - start);
      } else {
        this.#setAside(event, bytes.subarray(start, end), index, "EVENT_TOO_LARGE", TOO_LARGE);
      }
    }
    if (filtered > 0) this.#settled("filtered", filtered);
  }

  /** A record went into the open chunk, or into one that was sealed with it. */
  #hold(bytes: number): void {
    this.#ports.window.take(1, bytes);
    if (this.#chunker.isOpen) {
      this.#openLoad ??= { span: this.#watermark.open(), records: 0, bytes: 0 };
      this.#openLoad.records++;
      this.#openLoad.bytes += bytes;
    } else if (this.#sealedLoad !== undefined) {
      this.#sealedLoad.records++;
      this.#sealedLoad.bytes += bytes;
    }
  }

  /** The load of the chunk sealed last: `add` seals a full chunk before the record that filled it is counted. */
  #sealedLoad: Load | undefined;

  #send(chunk: Chunk): void {
    const load: Load = this.#openLoad ?? { span: this.#watermark.open(), records: 0, bytes: 0 };
    this.#openLoad = undefined;
    this.#sealedLoad = load;
    this.#run(load, async (signal) => {
      const { intake, deadLetters, observer } = this.#ports;
      const { refused, lastAnswer } = await intake.deliver(chunk, signal);
      observer.delivered(this.partitionId, lastAnswer);
      if (refused.length > 0) {
        const letters = refused.map(({ record, reason, detail }) => ({
          ...record,
          partitionId: this.partitionId,
          reason,
          detail,
        }));
        await deadLetters.store(letters, signal);
        this.#settled("dead-lettered", refused.length);
      }
      const forwarded = chunk.recordCount - refused.length;
      if (forwarded > 0) this.#settled("forwarded", forwarded);
    });
  }

  #setAside(
    event: HubEvent,
    bytes: Buffer,
    recordIndex: number,
    reason: DeadLetterReason,
    detail: string,
  ): void {
    this.#letters.push({
      partitionId: this.partitionId,
      position: event.position,
      bytes,
      recordIndex,
      reason,
      detail,
    });
  }

  #sendLetters(): void {
    const letters = this.#letters;
    if (letters.length === 0) return;
    this.#letters = [];
    const bytes = letters.reduce((sum, letter) => sum + letter.bytes.length, 0);
    this.#ports.window.take(letters.length, bytes);
    this.#run({ span: this.#watermark.open(), records: letters.length, bytes }, async (signal) => {
      await this.#ports.deadLetters.store(letters, signal);
      this.#settled("dead-lettered", letters.length);
    });
  }

  /** Owns the work of one span: it settles when the work is done, and stays open when the run is given up. */
  #run(load: Load, work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#abort;
    const task = work(signal)
      .then(() => {
        this.#watermark.settle(load.span);
        this.#offerPosition();
      })
      .catch((thrown: unknown) => {
        if (signal.aborted) return;
        this.#ports.logger.log(
          "critical",
          `partition ${this.partitionId} cannot go on: ${messageOf(thrown)}`,
        );
        this.#ports.fail(thrown);
      })
      .finally(() => {
        this.#release(load);
        this.#underWay.delete(task);
      });
    this.#underWay.add(task);
  }

  #release(load: Load): void {
    this.#ports.window.give(load.records, load.bytes);
  }

  #offerPosition(): void {
    const { position } = this.#watermark;
    if (position !== undefined && !this.#abort.signal.aborted) {
      this.#ports.checkpointer.offer(this.partitionId, position);
    }
  }

  #settled(outcome: Outcome, records: number): void {
    this.#ports.observer.settled(this.partitionId, outcome, records);
    this.#ports.observer.heartbeat(this.partitionId);
  }
}
