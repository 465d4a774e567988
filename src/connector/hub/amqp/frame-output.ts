/** What a flow frame tells the hub (OASIS AMQP 1.0, 2.7.4). All numbers are unsigned, 32 bits. */
export type Flow = {
  readonly nextIncomingId: number;
  readonly incomingWindow: number;
  readonly handle: number;
  readonly deliveryCount: number;
  readonly linkCredit: number;
};

const FLOW_BYTES = 8 + 3 + 3 + 8 * 5 + 4;
const DISPOSITION_BYTES = 8 + 3 + 3 + 1 + 2 * 5 + 1 + 4 + 1;

/** Gathers the frames that answer one read, so that they leave in one write. */
export class FrameOutput {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  /** A flow with all its fields: older peers index the list blindly. We send nothing, so our outgoing side is fixed. */
  flow(channel: number, flow: Flow): void {
    const start = this.#frame(channel, 0x13, FLOW_BYTES, 11);
    let at = this.#uint(start, flow.nextIncomingId);
    at = this.#uint(at, flow.incomingWindow);
    at = this.#uint(at, 0);
    at = this.#uint(at, 0x7fff_ffff);
    at = this.#uint(at, flow.handle);
    at = this.#uint(at, flow.deliveryCount);
    at = this.#uint(at, flow.linkCredit);
    at = this.#uint(at, 0);
    this.#bytes[at++] = 0x42; // drain: false
    this.#bytes[at++] = 0x42; // echo: false
    this.#bytes[at++] = 0x40; // properties: null
    this.#end(start, at);
  }

  /** The receiver's word that the deliveries `first` to `last` are accepted and settled. */
  accepted(channel: number, first: number, last: number): void {
    const start = this.#frame(channel, 0x15, DISPOSITION_BYTES, 6);
    let at = start;
    this.#bytes[at++] = 0x41; // role: receiver
    at = this.#uint(at, first);
    at = this.#uint(at, last);
    this.#bytes[at++] = 0x41; // settled
    this.#bytes[at++] = 0x00; // state: accepted
    this.#bytes[at++] = 0x53;
    this.#bytes[at++] = 0x24;
    this.#bytes[at++] = 0x45;
    this.#bytes[at++] = 0x42; // batchable: false
    this.#end(start, at);
  }

  /** @returns a copy of the gathered frames, or undefined when there is none; starts again. */
  take(): Buffer | undefined {
    if (this.#length === 0) {
      return undefined;
    }
    const frames = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return frames;
  }

  /** Writes a frame's header and descriptor. @returns the index of the list's first value. */
  #frame(channel: number, descriptor: number, maxBytes: number, fields: number): number {
    if (this.#length + maxBytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    const at = this.#length;
    const bytes = this.#bytes;
    bytes[at + 4] = 2;
    bytes[at + 5] = 0;
    bytes.writeUInt16BE(channel, at + 6);
    bytes[at + 8] = 0x00;
    bytes[at + 9] = 0x53;
    bytes[at + 10] = descriptor;
    bytes[at + 11] = 0xc0;
    bytes[at + 13] = fields;
    return at + 14;
  }

  #end(listStart: number, at: number): void {
    this.#bytes[listStart - 2] = at - listStart + 1;
    const frame = listStart - 14;
    this.#bytes.writeUInt32BE(at - frame, frame);
    this.#length = at;
  }

  #uint(at: number, value: number): number {
    this.#bytes[at] = 0x70;
    this.#bytes.writeUInt32BE(value, at + 1);
    return at + 5;
  }
}

/** The next number of a 32-bit counter that starts again at 0. */
export function nextUint32(value: number): number {
  return (value + 1) >>> 0;
}
