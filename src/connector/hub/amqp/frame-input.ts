import { FRAME_HEADER_BYTES, isTransfer } from "./transfer.ts";
import { readUint32, WireFault } from "./values.ts";

/** The first byte of a protocol header, `AMQP…`; a frame that starts with it would be larger than 1 GiB. */
const HEADER_BYTE = 0x41;
const AMQP_FRAME = 0;

export type FrameSink = {
  /**
   * A transfer frame on a channel of ours. The bytes hold until the call returns.
   * @param start The index of the performative; `end` is the end of the frame.
   * @returns false when the channel is not read here, so that the frame counts as any other.
   */
  transfer(channel: number, bytes: Buffer, start: number, end: number): boolean;
  /** True while no transfer may be handed over: it, and all that follows it, waits for `resume`. */
  readonly mustWait: boolean;
  /** Any other whole frame, or a protocol header; a copy, so it may be kept. */
  other(frame: Buffer): void;
};

/**
 * Cuts a stream of bytes into AMQP frames. Transfers are handed over in place; only a frame that lies across two
 * reads is copied. What was handed over holds until `push` returns: nothing keeps a view of the bytes longer, so
 * their buffer may be read into again.
 */
export class FrameInput {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  /** The beginning of a frame whose rest has not come; its first `#partialLength` bytes are used. */
  #partial = Buffer.allocUnsafe(4096);
  #partialLength = 0;
  /** Holds the frame that was completed by this read, while `#partial` may take the next beginning. */
  #completed = Buffer.allocUnsafe(4096);
  /** What waits, from the beginning of a frame on. */
  #waiting: Buffer | undefined;

  constructor(maxFrameBytes: number, sink: FrameSink) {
    this.#sink = sink;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * @param bytes Used up to `length`.
   * @throws WireFault when they are not AMQP frames; nothing may be pushed afterwards.
   */
  push(bytes: Buffer, length: number): void {
    if (this.#waiting !== undefined) {
      this.#waiting = Buffer.concat([this.#waiting, bytes.subarray(0, length)]);
      return;
    }
    let at = this.#partialLength > 0 ? this.#completePartial(bytes, length) : 0;
    while (length - at >= FRAME_HEADER_BYTES) {
      const size = this.#frameSize(bytes, at);
      if (length - at < size) {
        break;
      }
      if (!this.#frame(bytes, at, at + size)) {
        this.#waiting = Buffer.from(bytes.subarray(at, length));
        return;
      }
      at += size;
    }
    if (at < length) {
      this.#keep(bytes, at, length);
    }
  }

  /** Whether something waits for `resume`. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Hands over what waits, as far as it may be. */
  resume(): void {
    const bytes = this.#waiting;
    this.#waiting = undefined;
    if (bytes !== undefined) {
      this.push(bytes, bytes.length);
    }
  }

  /** @returns how many of the new bytes were used. */
  #completePartial(bytes: Buffer, length: number): number {
    let used = 0;
    if (this.#partialLength < FRAME_HEADER_BYTES) {
      used = Math.min(FRAME_HEADER_BYTES - this.#partialLength, length);
      this.#keep(bytes, 0, used);
      if (this.#partialLength < FRAME_HEADER_BYTES) {
        return used;
      }
    }
    const size = this.#frameSize(this.#partial, 0);
    const missing = Math.min(size - this.#partialLength, length - used);
    this.#keep(bytes, used, used + missing);
    if (this.#partialLength === size) {
      this.#partialLength = 0;
      const frame = this.#partial;
      this.#partial = this.#completed;
      this.#completed = frame;
      if (!this.#frame(frame, 0, size)) {
        this.#waiting = Buffer.concat([frame.subarray(0, size), bytes.subarray(used + missing, length)]);
        return length;
      }
    }
    return used + missing;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const length = this.#partialLength + end - start;
    if (length > this.#partial.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#partial.length * 2));
      this.#partial.copy(larger, 0, 0, this.#partialLength);
      this.#partial = larger;
    }
    bytes.copy(this.#partial, this.#partialLength, start, end);
    this.#partialLength = length;
  }

  #frameSize(bytes: Buffer, at: number): number {
    if (bytes[at] === HEADER_BYTE) {
      return FRAME_HEADER_BYTES;
    }
    const size = readUint32(bytes, at);
    if (size < FRAME_HEADER_BYTES || size > this.#maxFrameBytes) {
      throw new WireFault(`the hub sent a frame of ${size} bytes, beyond 8 to ${this.#maxFrameBytes}`);
    }
    return size;
  }

  /** @returns false when it must wait. */
  #frame(bytes: Buffer, start: number, end: number): boolean {
    if (bytes[start] !== HEADER_BYTE && bytes[start + 5] === AMQP_FRAME) {
      const body = start + (bytes[start + 4] as number) * 4;
      if (body < start + FRAME_HEADER_BYTES || body > end) {
        throw new WireFault("a frame's body starts outside it");
      }
      if (isTransfer(bytes, body, end)) {
        if (this.#sink.mustWait) {
          return false;
        }
        const channel = ((bytes[start + 6] as number) << 8) | (bytes[start + 7] as number);
        if (this.#sink.transfer(channel, bytes, body, end)) {
          return true;
        }
      }
    }
    const copy = Buffer.allocUnsafe(end - start);
    bytes.copy(copy, 0, start, end);
    this.#sink.other(copy);
    return true;
  }
}
