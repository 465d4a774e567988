import type { Random } from "../../../chaos/random.ts";
import { type RandomMessage, randomMessage } from "./random-messages.ts";
import { amqpFrame, EMPTY_FRAME, saslFrame } from "./rhea-codec.ts";

const MAX_FRAME_BYTES = 65_536;
/** More than any performative takes. */
const HEAD_BYTES = 128;

/** Writes messages as transfer frames of one link, with delivery ids that start again at 0 after 2^32 - 1. */
export class RandomTransfers {
  readonly #random: Random;
  readonly #channel: number;
  #deliveryId: number;
  #sequenceNumber = 0;
  /** Ids of the deliveries that want a disposition, in order. */
  readonly unsettledIds: number[] = [];

  constructor(random: Random, channel: number, firstDeliveryId: number) {
    this.#random = random;
    this.#channel = channel;
    this.#deliveryId = firstDeliveryId;
  }

  /** One message in one frame or several; sometimes a delivery that is given up comes before it. */
  next(): { message: RandomMessage; frames: Buffer[] } {
    const random = this.#random;
    const frames = random.next() < 0.03 ? this.#aborted() : [];
    const message = randomMessage(random, this.#sequenceNumber);
    this.#sequenceNumber += random.next() < 0.01 ? 2 ** 33 : 1;
    const parts = this.#cut(message.bytes);
    const settled = parts.map(() => random.pick([true, false, false, null, undefined]));
    if (!settled.includes(true)) {
      this.unsettledIds.push(this.#deliveryId);
    }
    parts.forEach((part, index) => {
      frames.push(this.#frame(part, index > 0, { more: index < parts.length - 1, settled: settled[index] }));
    });
    this.#deliveryId = (this.#deliveryId + 1) >>> 0;
    return { message, frames };
  }

  #aborted(): Buffer[] {
    const random = this.#random;
    const frames: Buffer[] = [];
    for (let count = random.between(0, 2); count > 0; count--) {
      frames.push(this.#frame(Buffer.alloc(random.between(0, 50), 0xee), frames.length > 0, { more: true }));
    }
    const end = { aborted: true, more: random.pick([true, false]) };
    frames.push(this.#frame(Buffer.alloc(random.between(0, 9), 0xee), frames.length > 0, end));
    this.#deliveryId = (this.#deliveryId + 1) >>> 0;
    return frames;
  }

  /** At any byte, also at both ends. */
  #cut(bytes: Buffer): Buffer[] {
    const random = this.#random;
    const cuts = new Set<number>();
    if (random.next() < 0.2) {
      for (let count = random.between(1, 5); count > 0; count--) {
        cuts.add(random.between(0, bytes.length));
      }
    }
    for (let at = MAX_FRAME_BYTES - HEAD_BYTES; at < bytes.length; at += MAX_FRAME_BYTES - HEAD_BYTES) {
      cuts.add(at);
    }
    const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
    return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
  }

  #frame(payload: Buffer, isContinued: boolean, fields: object): Buffer {
    const random = this.#random;
    const frame = amqpFrame(
      this.#channel,
      "transfer",
      {
        handle: random.pick([0, 1, 300, 0xffff_ffff]),
        delivery_id: isContinued && random.next() < 0.5 ? undefined : this.#deliveryId,
        delivery_tag: Buffer.alloc(random.between(1, 32), 1),
        message_format: random.pick([undefined, 0]),
        ...fields,
      },
      payload,
    );
    return withExtendedHeader(random, withLongDescriptor(random, frame));
  }
}

/** What else may come between two transfers; none of it is for the links. */
export function otherFrame(random: Random): Buffer {
  const uint = () => random.pick([0, 1, 200, 70_000, 0xffff_ffff]);
  return random.pick([
    () => EMPTY_FRAME,
    () => Buffer.from("AMQP\x00\x01\x00\x00", "latin1"),
    () => Buffer.from("AMQP\x03\x01\x00\x00", "latin1"),
    () => saslFrame("sasl_outcome", { code: 0 }),
    () => saslFrame("sasl_mechanisms", { sasl_server_mechanisms: ["ANONYMOUS", "MSSBCBS"] }),
    () =>
      amqpFrame(1, "flow", { incoming_window: uint(), next_outgoing_id: uint(), outgoing_window: uint() }),
    () => amqpFrame(1, "disposition", { role: false, first: uint(), settled: true }),
    () => amqpFrame(2, "attach", { name: "l".repeat(random.between(0, 9000)), handle: uint(), role: false }),
    () => amqpFrame(2, "detach", { handle: uint(), closed: true }),
    // A channel that is not read here.
    () => amqpFrame(9, "transfer", { handle: 0, delivery_id: uint() }, Buffer.alloc(random.between(0, 99))),
  ])();
}

function withLongDescriptor(random: Random, frame: Buffer): Buffer {
  if (random.next() > 0.05) {
    return frame;
  }
  const descriptor = Buffer.from([0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x14]);
  return resized(Buffer.concat([frame.subarray(0, 8), descriptor, frame.subarray(11)]));
}

/** A frame's header may be longer than 8 bytes; what is in it is to be ignored. */
function withExtendedHeader(random: Random, frame: Buffer): Buffer {
  if (random.next() > 0.05) {
    return frame;
  }
  const longer = resized(Buffer.concat([frame.subarray(0, 8), Buffer.alloc(4, 0x53), frame.subarray(8)]));
  longer[4] = 3;
  return longer;
}

function resized(frame: Buffer): Buffer {
  frame.writeUInt32BE(frame.length);
  return frame;
}
