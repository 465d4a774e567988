import type { Receiver, Session } from "rhea";
import type { PartitionReader, Position, ReceiveBudget } from "../../../../src/connector/contract.ts";

/** The two ends of a link, without a network: what rhea knows of it, and who reads. */

/** A session as rhea keeps it once both sides have begun. */
export function sessionOf(localChannel: number, nextOutgoingId = 0): Session {
  const session = {
    local: { channel: localChannel },
    remote: { channel: localChannel, begin: { next_outgoing_id: nextOutgoingId } },
  };
  return session as unknown as Session;
}

/** A receiver as rhea keeps it once both sides have attached. */
export function receiverOf(handle: number, initialDeliveryCount = 0): Receiver {
  const receiver = {
    local: { handle },
    remote: { attach: { initial_delivery_count: initialDeliveryCount } },
  };
  return receiver as unknown as Receiver;
}

export type Received = { readonly sequenceNumber: number; readonly body: string };

/** Keeps what it gets; settles when it is told to. */
export class RecordingReader implements PartitionReader {
  readonly received: Received[] = [];
  readonly reached: { readonly position: Position; readonly enqueuedAtMs: number }[] = [];
  flushes = 0;
  #settled = 0;

  get pendingEvents(): number {
    return this.received.length - this.#settled;
  }

  get sequenceNumbers(): number[] {
    return this.received.map(({ sequenceNumber }) => sequenceNumber);
  }

  receive(bytes: Buffer, start: number, end: number, sequenceNumber: number): void {
    this.received.push({ sequenceNumber, body: bytes.toString("latin1", start, end) });
  }

  reach(position: Position, enqueuedAtMs: number): void {
    this.reached.push({ position, enqueuedAtMs });
  }

  settleAll(): void {
    this.#settled = this.received.length;
  }

  flush(): void {
    this.flushes++;
  }

  alive(): void {}
  observeEnd(): void {}
  close(): void {}
}

/** A budget that never is full. */
export const AMPLE: ReceiveBudget = {
  maxBytes: 2 ** 40,
  pendingBytes: 0,
  isFull: false,
  mustPause: false,
  onRoom: () => () => {},
};
