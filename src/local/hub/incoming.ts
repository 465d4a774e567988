import { described, FALSE, list, NULL, symbol, TRUE, text, uint } from "./encoding.ts";
import type { Refusal } from "./refusal.ts";
import { isTrue, numberOr } from "./window.ts";
import type { Frame, WireLink } from "./wire.ts";

/** What Event Hubs takes as one message or batch. */
export const MESSAGE_BYTES_MAX = 1024 * 1024;
const CREDIT = 1000;

/** Gets a complete message. @returns why it is rejected, or what is to be done once it is settled. */
export type MessageHandler = (bytes: Buffer, format: number) => Refusal | (() => void) | undefined;

/** Puts a client's transfers together and settles them. */
export class IncomingLink {
  readonly link: WireLink;
  readonly #handle: MessageHandler;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #deliveryId = 0;
  #format = 0;
  #isSettled = false;
  #isOpen = false;

  /** @param maxBytes A longer message is not kept, and rejected once it ends. */
  constructor(link: WireLink, maxBytes: number, handle: MessageHandler) {
    this.link = link;
    this.#maxBytes = maxBytes;
    this.#handle = handle;
    link.add_credit(CREDIT);
  }

  onTransfer(frame: Frame): void {
    const { performative, payload } = frame;
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#deliveryId = numberOr(performative["delivery_id"], 0);
      this.#format = numberOr(performative["message_format"], 0);
      this.#isSettled = false;
    }
    const isMore = isTrue(performative["more"]);
    this.#isSettled ||= isTrue(performative["settled"]);
    this.#bytes += payload?.length ?? 0;
    if (this.#bytes > this.#maxBytes) {
      this.#parts = [];
    } else if (payload !== undefined) {
      // A copy: a view would keep the whole read buffer alive until the message ends.
      this.#parts.push(isMore ? Buffer.from(payload) : payload);
    }
    if (isTrue(performative["aborted"])) {
      this.#reset();
    } else if (!isMore) {
      this.#finish();
    }
  }

  #finish(): void {
    const answer =
      this.#bytes > this.#maxBytes
        ? {
            condition: "amqp:link:message-size-exceeded",
            description: `The received message (delivery-id:${this.#deliveryId}, size:${this.#bytes} bytes) exceeds the limit (${this.#maxBytes} bytes) currently allowed on the link.`,
          }
        : this.#handle(Buffer.concat(this.#parts), this.#format);
    if (!this.#isSettled) {
      this.#settle(typeof answer === "function" ? undefined : answer);
    }
    this.#reset();
    this.link.credit -= 1;
    this.link.delivery_count += 1;
    if (this.link.credit <= CREDIT / 2) {
      this.link.add_credit(CREDIT - this.link.credit);
    }
    if (typeof answer === "function") {
      answer();
    }
  }

  #settle(refusal: Refusal | undefined): void {
    const { session } = this.link;
    const frame = dispositionFrame(session.local.channel, this.#deliveryId, refusal);
    session.connection.socket.write(frame);
  }

  #reset(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#isOpen = false;
  }
}

/** A settled outcome for one delivery: accepted, or rejected with the reason. */
function dispositionFrame(channel: number, deliveryId: number, refusal: Refusal | undefined): Buffer {
  const state =
    refusal === undefined
      ? described(0x24, Buffer.from([0x45]))
      : described(
          0x25,
          list([
            described(
              0x1d,
              list([symbol(refusal.condition), text(refusal.description), Buffer.from([NULL])]),
            ),
          ]),
        );
  const isReceiver = Buffer.from([TRUE]);
  const isSettled = Buffer.from([TRUE]);
  const isBatchable = Buffer.from([FALSE]);
  const id = uint(deliveryId);
  const body = described(0x15, list([isReceiver, id, id, isSettled, state, isBatchable]));
  const head = Buffer.from([0, 0, 0, 0, 2, 0, channel >>> 8, channel & 0xff]);
  head.writeUInt32BE(head.length + body.length, 0);
  return Buffer.concat([head, body]);
}
