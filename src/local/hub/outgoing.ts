import type { Socket } from "node:net";
import { described, long, map, symbol, text, timestamp } from "./encoding.ts";
import { FRAME_HEAD_BYTES, framesOf, type LinkAddress, patchHead } from "./frame.ts";
import { DELIVERY_ANNOTATIONS, readDeliveryAnnotations } from "./message.ts";
import type { Partition, StoredRun } from "./partition.ts";
import { sessionRoom, spendCredit, takeDeliveries } from "./window.ts";
import { FRAME_BYTES_MAX, type WireLink } from "./wire.ts";

/** Written at once; more waits until the socket has taken it. */
const BURST_BYTES = 1024 * 1024;

/** What was sent, for the statistics. */
export type SentCounter = { transfers: number; bytes: number };

/** A link on which the hub sends. */
export type OutgoingLink = {
  readonly link: WireLink;
  /** Sends what credit, session window and one burst allow. @returns true if more is waiting and may go. */
  pump(): boolean;
};

function addressOf(link: WireLink, settled: boolean): LinkAddress {
  return { channel: link.session.local.channel, handle: link.local.handle, settled };
}

/** The largest frame that this connection may carry towards the client. */
function frameBytesMax(link: WireLink): number {
  const asked = link.session.connection.remote.open?.max_frame_size;
  return Math.min(FRAME_BYTES_MAX, Math.max(512, asked ?? FRAME_BYTES_MAX));
}

/** Sends single messages, cut into frames; those that the session has no room for yet wait here. */
class FrameQueue {
  readonly #link: WireLink;
  readonly #sent: SentCounter;
  readonly #address: LinkAddress;
  #frames: Buffer[] = [];

  constructor(link: WireLink, settled: boolean, sent: SentCounter) {
    this.#link = link;
    this.#sent = sent;
    this.#address = addressOf(link, settled);
  }

  /** Takes a message up; it costs one credit. The queue must be empty. @param payload An encoded message. */
  send(payload: Buffer): void {
    const id = takeDeliveries(this.#link.session, 1, 0);
    spendCredit(this.#link, 1);
    this.#sent.transfers += 1;
    this.#frames = framesOf(payload, this.#address, id, frameBytesMax(this.#link));
  }

  /** @returns true if nothing is left to send. */
  flush(): boolean {
    const { session } = this.#link;
    const ready = this.#frames.splice(0, sessionRoom(session));
    if (ready.length > 0) {
      takeDeliveries(session, 0, ready.length);
      const bytes = Buffer.concat(ready);
      session.connection.socket.write(bytes);
      this.#sent.bytes += bytes.length;
    }
    return this.#frames.length === 0;
  }
}

/** Answers of `$cbs` and `$management`, kept until the client gives credit. */
export class ReplyLink implements OutgoingLink {
  readonly link: WireLink;
  /** What a request may give as `reply-to`. */
  readonly names: readonly string[];
  readonly #waiting: Buffer[] = [];
  readonly #queue: FrameQueue;

  constructor(link: WireLink, names: readonly string[], sent: SentCounter) {
    this.link = link;
    this.names = names;
    this.#queue = new FrameQueue(link, true, sent);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @param payload An encoded message. */
  send(payload: Buffer): void {
    this.#waiting.push(payload);
    this.pump();
  }

  pump(): boolean {
    while (this.#queue.flush() && this.link.credit > 0) {
      const payload = this.#waiting.shift();
      if (payload === undefined) {
        break;
      }
      this.#queue.send(payload);
    }
    return false;
  }
}

/** Sends a partition's events to one receiver, as its credit allows. */
export class ReaderLink implements OutgoingLink {
  readonly link: WireLink;
  readonly partition: Partition;
  readonly #socket: Socket;
  readonly #sent: SentCounter;
  readonly #address: LinkAddress;
  readonly #maxFrameBytes: number;
  readonly #metricsNow: (() => number) | undefined;
  readonly #queue: FrameQueue;
  #next: number;

  /**
   * @param from First sequence number to send.
   * @param options `settled`: the receiver acknowledges nothing. `metricsNow`: set if each event is to carry the state
   *   of the partition; gives the time it was read, milliseconds since 1970.
   */
  constructor(
    link: WireLink,
    partition: Partition,
    from: number,
    sent: SentCounter,
    options: { readonly settled: boolean; readonly metricsNow?: () => number },
  ) {
    this.link = link;
    this.partition = partition;
    this.#socket = link.session.connection.socket;
    this.#sent = sent;
    this.#address = addressOf(link, options.settled);
    this.#maxFrameBytes = frameBytesMax(link);
    this.#metricsNow = options.metricsNow;
    this.#queue = new FrameQueue(link, options.settled, sent);
    this.#next = from;
  }

  pump(): boolean {
    if (!this.#queue.flush()) {
      return false;
    }
    const credit = Math.min(this.link.credit, sessionRoom(this.link.session));
    // What retention dropped before it was read is gone for this reader too.
    this.#next = Math.max(this.#next, this.partition.beginSequenceNumber);
    const run = credit < 1 ? undefined : this.partition.read(this.#next);
    if (run === undefined) {
      return false;
    }
    const size = sizeOf(run, 0);
    return size > this.#maxFrameBytes || this.#metricsNow !== undefined
      ? this.#sendOne(run)
      : this.#sendRun(run, credit);
  }

  /** Copies neighbouring frames out in one piece and patches each. */
  #sendRun(run: StoredRun, credit: number): boolean {
    const { starts, first } = run;
    const base = starts[first] ?? 0;
    const limit = Math.min(run.count, credit);
    let count = 1;
    while (count < limit && fits(run, count, base, this.#maxFrameBytes)) {
      count += 1;
    }
    const end = starts[first + count] ?? base;
    const out = Buffer.allocUnsafeSlow(end - base);
    run.bytes.copy(out, 0, base, end);
    const id = takeDeliveries(this.link.session, count, count);
    for (let i = 0; i < count; i += 1) {
      patchHead(out, (starts[first + i] ?? 0) - base, this.#address, (id + i) >>> 0);
    }
    this.#next += count;
    spendCredit(this.link, count);
    this.#socket.write(out);
    this.#sent.transfers += count;
    this.#sent.bytes += out.length;
    return this.link.credit > 0;
  }

  /** An event that is longer than a frame, or that carries the partition's state. */
  #sendOne(run: StoredRun): boolean {
    const start = (run.starts[run.first] ?? 0) + FRAME_HEAD_BYTES;
    const stored = run.bytes.subarray(start, run.starts[run.first + 1]);
    const payload = this.#metricsNow === undefined ? stored : this.#withMetrics(stored);
    this.#next += 1;
    this.#queue.send(payload);
    return this.#queue.flush() && this.link.credit > 0;
  }

  /** The partition's state beside the producer's delivery annotations, which come first if there are any. */
  #withMetrics(stored: Buffer): Buffer {
    const { lastSequenceNumber, lastOffset, lastEnqueuedAtMs } = this.partition.state;
    const own = readDeliveryAnnotations(stored);
    const section = described(
      DELIVERY_ANNOTATIONS,
      map([
        ...own.items,
        symbol("last_enqueued_sequence_number"),
        long(lastSequenceNumber),
        symbol("last_enqueued_offset"),
        text(lastOffset),
        symbol("last_enqueued_time_utc"),
        timestamp(lastEnqueuedAtMs),
        symbol("runtime_info_retrieval_time_utc"),
        timestamp(this.#metricsNow?.() ?? 0),
      ]),
    );
    return Buffer.concat([section, stored.subarray(own.end)]);
  }
}

function sizeOf(run: StoredRun, index: number): number {
  const at = run.first + index;
  return (run.starts[at + 1] ?? 0) - (run.starts[at] ?? 0);
}

/** True if one more event stays within the burst and within what a frame may hold. */
function fits(run: StoredRun, index: number, base: number, maxFrameBytes: number): boolean {
  const end = run.starts[run.first + index + 1] ?? 0;
  return end - base <= BURST_BYTES && sizeOf(run, index) <= maxFrameBytes;
}
