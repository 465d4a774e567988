import type { Socket } from "node:net";
import { described, long, map, symbol, text, timestamp } from "./encoding.ts";
import { FRAME_HEAD_BYTES, frameCount, framesOf, type LinkAddress, patchHead } from "./frame.ts";
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
  close(): void;
};

export function addressOf(link: WireLink, settled: boolean): LinkAddress {
  return { channel: link.session.local.channel, handle: link.local.handle, settled };
}

/** The largest frame that this connection may carry towards the client. */
export function frameBytesMax(link: WireLink): number {
  const asked = link.session.connection.remote.open?.max_frame_size;
  return Math.min(FRAME_BYTES_MAX, Math.max(512, asked ?? FRAME_BYTES_MAX));
}

/** Answers of `$cbs` and `$management`, kept until the client gives credit. */
export class ReplyLink implements OutgoingLink {
  readonly link: WireLink;
  /** The names a request may give as `reply-to`. */
  readonly names: readonly string[];
  readonly #socket: Socket;
  readonly #waiting: Buffer[] = [];
  readonly #sent: SentCounter;

  constructor(link: WireLink, names: readonly string[], sent: SentCounter) {
    this.link = link;
    this.names = names;
    this.#socket = link.session.connection.socket;
    this.#sent = sent;
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
    const { link } = this;
    const maxBytes = frameBytesMax(link);
    for (let payload = this.#waiting[0]; payload !== undefined; payload = this.#waiting[0]) {
      const frames = frameCount(payload.length, maxBytes);
      if (link.credit < 1 || sessionRoom(link.session) < frames) {
        return false;
      }
      this.#waiting.shift();
      const id = takeDeliveries(link.session, 1, frames);
      spendCredit(link, 1);
      const bytes = framesOf(payload, addressOf(link, true), id, maxBytes);
      this.#socket.write(bytes);
      this.#sent.transfers += 1;
      this.#sent.bytes += bytes.length;
    }
    return false;
  }

  close(): void {
    this.#waiting.length = 0;
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
    this.#next = from;
  }

  pump(): boolean {
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

  close(): void {}

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
    this.#finish(out, count);
    return this.link.credit > 0;
  }

  /** An event that is longer than a frame, or that carries the partition's state. */
  #sendOne(run: StoredRun): boolean {
    const start = (run.starts[run.first] ?? 0) + FRAME_HEAD_BYTES;
    const stored = run.bytes.subarray(start, run.starts[run.first + 1]);
    const payload = this.#metricsNow === undefined ? stored : Buffer.concat([this.#metrics(), stored]);
    const frames = frameCount(payload.length, this.#maxFrameBytes);
    const { session } = this.link;
    const room = sessionRoom(session);
    if (room < frames) {
      return false;
    }
    const id = takeDeliveries(session, 1, frames);
    this.#finish(framesOf(payload, this.#address, id, this.#maxFrameBytes), 1);
    return this.link.credit > 0;
  }

  #finish(bytes: Buffer, count: number): void {
    this.#next += count;
    spendCredit(this.link, count);
    this.#socket.write(bytes);
    this.#sent.transfers += count;
    this.#sent.bytes += bytes.length;
  }

  #metrics(): Buffer {
    const { lastSequenceNumber, lastOffset, lastEnqueuedAtMs } = this.partition.state;
    return described(
      0x71,
      map([
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
