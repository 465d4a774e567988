import type { Receiver, Session } from "rhea";
import type { PartitionReader, Position } from "../../contract.ts";
import { ASSUMED_EVENT_BYTES, type CreditPolicy, type CreditUser } from "./credit.ts";
import type { FragmentBuffers } from "./fragments.ts";
import { type FrameOutput, nextUint32 } from "./frame-output.ts";
import { MessageView } from "./message.ts";
import { buildBody } from "./message-body.ts";
import { linkNumbers, sessionNumbers } from "./rhea-hooks.ts";
import type { Transfer } from "./transfer.ts";
import { readTimestampMs, WireFault } from "./values.ts";

/** Transfer frames that the hub may have under way on a session. */
export const SESSION_WINDOW_FRAMES = 8192;
/** A message in fragments may grow to this; hubs take messages of 1 MiB, larger tiers of 20 MiB. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/**
 * The receiving end of one partition's link: puts transfers together to messages, hands them on in place, and answers
 * each read with one disposition and, when it is due, one flow frame.
 */
export class PartitionLink implements CreditUser {
  readonly #reader: PartitionReader;
  readonly #credit: CreditPolicy;
  readonly #view = new MessageView();
  readonly #buffers: FragmentBuffers;
  /** What has come of a message in fragments, `#fragmentBytes` of it used. */
  #fragments: Buffer | undefined;
  #fragmentBytes = 0;
  #isPartial = false;

  #channel = 0;
  #handle = 0;
  #nextIncomingId = 0;
  #windowFrames = SESSION_WINDOW_FRAMES;
  #deliveryCount = 0;
  #outstanding = 0;
  #isAttached = false;

  #deliveryId = 0;
  #isDeliverySettled = false;
  /** Deliveries of this read that want a disposition, as ranges: first, last, first, last … */
  readonly #settle: number[] = [];

  /** The last whole message of this read; its offset and time are decoded once the read is over. */
  #lastBytes: Buffer | undefined;
  #lastSequenceNumber: number;
  /** The newest one that came with a message; a message without one counts as the next. */
  #reachedSequenceNumber = 0;
  #lastOffsetStart = 0;
  #lastOffsetEnd = 0;
  #lastTimeAt = 0;
  #readEvents = 0;
  #readBytes = 0;
  #meanEventBytes = ASSUMED_EVENT_BYTES;
  #position: Position | undefined;

  /** @param after The sequence number that reading starts after; -1 when it is not known. */
  constructor(reader: PartitionReader, credit: CreditPolicy, buffers: FragmentBuffers, after = -1) {
    this.#lastSequenceNumber = after;
    this.#reader = reader;
    this.#credit = credit;
    this.#buffers = buffers;
  }

  /** The last message that was handed on; undefined before the first. */
  get position(): Position | undefined {
    return this.#position;
  }

  get outstandingEvents(): number {
    return this.#outstanding;
  }

  get hasReceived(): boolean {
    return this.#position !== undefined;
  }

  get pendingEvents(): number {
    return this.#reader.pendingEvents;
  }

  get meanEventBytes(): number {
    return this.#meanEventBytes;
  }

  /** The hub has answered the session's begin: transfers carry its numbers from here on. */
  begun(session: Session): void {
    const { local, nextIncomingId } = sessionNumbers(session);
    this.#channel = local;
    this.#nextIncomingId = nextIncomingId;
  }

  /** The hub has answered the attach: events may be asked for. */
  attached(receiver: Receiver, output: FrameOutput): void {
    const { handle, deliveryCount } = linkNumbers(receiver);
    this.#handle = handle;
    this.#deliveryCount = deliveryCount;
    this.#isAttached = true;
    this.#credit.add(this);
    this.topUp(output);
  }

  /** The socket is not read for now. */
  paused(): void {
    this.#reader.flush();
  }

  /** Nothing more will come. */
  detached(): void {
    this.#isAttached = false;
    this.#credit.remove(this);
    this.#dropFragments();
  }

  /**
   * One transfer of the link, in order.
   * @param start Where the payload starts; the bytes hold during the call, and until `endRead`.
   * @throws WireFault when transfers or message are damaged.
   */
  transfer(transfer: Transfer, bytes: Buffer, start: number, end: number): void {
    this.#nextIncomingId = nextUint32(this.#nextIncomingId);
    this.#windowFrames--;
    if (!this.#isPartial) {
      this.#beginDelivery(transfer);
    } else {
      this.#continueDelivery(transfer);
    }
    if (transfer.aborted) {
      // Given up by the hub, and settled by that.
      this.#isDeliverySettled = true;
      this.#dropFragments();
      this.#endDelivery();
    } else if (transfer.more) {
      this.#keepFragment(bytes, start, end);
    } else if (this.#isPartial) {
      this.#keepFragment(bytes, start, end);
      this.#endDelivery();
      this.#message(this.#fragments ?? bytes, 0, this.#fragmentBytes);
      // Its position is decoded now, since the memory is used for the next one.
      this.reach();
      this.#dropFragments();
    } else {
      this.#endDelivery();
      this.#message(bytes, start, end);
    }
  }

  /** The read is over: tells the reader how far it reaches and gathers what is to be answered. */
  endRead(output: FrameOutput): void {
    this.reach();
    const settle = this.#settle;
    for (let index = 0; index < settle.length; index += 2) {
      output.accepted(this.#channel, settle[index] as number, settle[index + 1] as number);
    }
    settle.length = 0;
    if (this.#windowFrames < SESSION_WINDOW_FRAMES / 2) {
      this.#flow(output);
    }
    this.topUp(output);
  }

  /** Asks for more events if there is room for them. */
  topUp(output: FrameOutput): void {
    if (!this.#isAttached) {
      return;
    }
    const granted = this.#credit.grant(this);
    if (granted <= 0) {
      // Nothing comes before something is settled, so nothing may wait for company.
      if (this.#outstanding <= 0) {
        this.#reader.flush();
      }
      return;
    }
    this.#outstanding += granted;
    this.#flow(output);
  }

  #beginDelivery(transfer: Transfer): void {
    if (transfer.deliveryId === -1) {
      throw new WireFault("the first transfer of a delivery has no delivery id");
    }
    this.#deliveryId = transfer.deliveryId;
    this.#isDeliverySettled = transfer.settled;
    this.#deliveryCount = nextUint32(this.#deliveryCount);
    this.#outstanding--;
  }

  #continueDelivery({ deliveryId, settled }: Transfer): void {
    if (deliveryId !== -1 && deliveryId !== this.#deliveryId) {
      throw new WireFault("a delivery begins before the one before it has ended");
    }
    if (settled) {
      this.#isDeliverySettled = true;
    }
  }

  #keepFragment(bytes: Buffer, start: number, end: number): void {
    this.#isPartial = true;
    const used = this.#fragmentBytes;
    const length = used + end - start;
    if (length > MAX_MESSAGE_BYTES) {
      throw new WireFault(`a message is larger than ${MAX_MESSAGE_BYTES} bytes`);
    }
    let fragments = this.#fragments ?? this.#buffers.take();
    if (length > fragments.length) {
      fragments = this.#buffers.grow(fragments, length, used);
    }
    bytes.copy(fragments, used, start, end);
    this.#fragments = fragments;
    this.#fragmentBytes = length;
  }

  #dropFragments(): void {
    if (this.#fragments !== undefined) {
      this.#buffers.give(this.#fragments);
    }
    this.#fragments = undefined;
    this.#fragmentBytes = 0;
  }

  #endDelivery(): void {
    this.#isPartial = false;
    if (this.#isDeliverySettled) {
      return;
    }
    const settle = this.#settle;
    const id = this.#deliveryId;
    if (settle.length > 0 && id === nextUint32(settle[settle.length - 1] as number)) {
      settle[settle.length - 1] = id;
    } else {
      settle.push(id, id);
    }
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const view = this.#view;
    const isWhole = this.#readView(bytes, start, end);
    const { hasPosition } = view;
    const pendingBytes = this.#credit.pendingBytes;
    const sequenceNumber = hasPosition ? view.sequenceNumber : this.#lastSequenceNumber + 1;
    if (isWhole && view.bodyKind === "data") {
      this.#reader.receive(bytes, view.bodyStart, view.bodyEnd, sequenceNumber);
    } else {
      const body = buildBody(bytes.subarray(start, end));
      this.#reader.receive(body, 0, body.length, sequenceNumber);
    }
    this.#lastSequenceNumber = sequenceNumber;
    this.#readEvents++;
    // Many small records take more memory than their message had bytes.
    this.#readBytes += Math.max(end - start, this.#credit.pendingBytes - pendingBytes);
    if (!hasPosition) {
      return;
    }
    this.#lastBytes = bytes;
    this.#lastOffsetStart = view.offsetStart;
    this.#lastOffsetEnd = view.offsetEnd;
    this.#lastTimeAt = view.enqueuedTimeAt;
    this.#reachedSequenceNumber = sequenceNumber;
  }

  /**
   * Finds body and position. A message that is damaged, or has no position, goes on as it came, so that it stops
   * nothing: without a position it counts as the next one, and is read again should the link end before another comes.
   * @returns false when the message is damaged.
   */
  #readView(bytes: Buffer, start: number, end: number): boolean {
    try {
      this.#view.read(bytes, start, end);
      return true;
    } catch (thrown) {
      if (!(thrown instanceof WireFault)) {
        throw thrown;
      }
      return false;
    }
  }

  /** Tells the reader how far the messages reach that were handed on. */
  reach(): void {
    const bytes = this.#lastBytes;
    if (bytes === undefined) {
      return;
    }
    const offset = bytes.toString("utf8", this.#lastOffsetStart, this.#lastOffsetEnd);
    const enqueuedAtMs = this.#lastTimeAt === 0 ? 0 : readTimestampMs(bytes, this.#lastTimeAt);
    this.#lastBytes = undefined;
    this.#position = { offset, sequenceNumber: this.#reachedSequenceNumber };
    const mean = this.#readBytes / this.#readEvents;
    // Sizes that grow count at once, since memory depends on it; those that shrink count slowly.
    this.#meanEventBytes = Math.max(mean, (this.#meanEventBytes * 3 + mean) / 4);
    this.#readEvents = 0;
    this.#readBytes = 0;
    this.#reader.reach(this.#position, enqueuedAtMs);
  }

  #flow(output: FrameOutput): void {
    this.#windowFrames = SESSION_WINDOW_FRAMES;
    output.flow(this.#channel, {
      nextIncomingId: this.#nextIncomingId,
      incomingWindow: SESSION_WINDOW_FRAMES,
      handle: this.#handle,
      deliveryCount: this.#deliveryCount,
      // A hub that sends more than it was asked for has none left.
      linkCredit: Math.max(0, this.#outstanding),
    });
  }
}
