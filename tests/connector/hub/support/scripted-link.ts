import type { ReceiveBudget } from "../../../../src/connector/contract.ts";
import { CreditPolicy } from "../../../../src/connector/hub/amqp/credit.ts";
import { FragmentBuffers } from "../../../../src/connector/hub/amqp/fragments.ts";
import { FrameOutput } from "../../../../src/connector/hub/amqp/frame-output.ts";
import { PartitionLink } from "../../../../src/connector/hub/amqp/link.ts";
import { Transfer } from "../../../../src/connector/hub/amqp/transfer.ts";
import { described, long, map, symbol, text } from "../../../../src/local/hub/encoding.ts";
import { AMPLE, RecordingReader, receiverOf, sessionOf } from "./link-ends.ts";
import { decodeFrames, valueAs } from "./rhea-codec.ts";

const CHANNEL = 3;
const HANDLE = 1;

export type Answer = {
  readonly flows: readonly {
    nextIncomingId: number;
    deliveryCount: number;
    credit: number;
    window: number;
  }[];
  /** First and last id of each range. */
  readonly accepted: readonly (readonly [number, number])[];
};

export type Sent = Partial<Pick<Transfer, "deliveryId" | "settled" | "more" | "aborted">>;

/** A link whose hub is a script: the test says what comes in each read, and sees what is answered. */
export class ScriptedLink {
  readonly reader = new RecordingReader();
  readonly link: PartitionLink;
  readonly credit: CreditPolicy;
  readonly #output = new FrameOutput();
  /** Each payload is read from here, and overwritten when the read is over. */
  readonly #buffer = Buffer.alloc(1024 * 1024);
  #used = 0;

  constructor({
    maxEvents = 100,
    budget = AMPLE as ReceiveBudget,
    firstTransferId = 0,
    deliveryCount = 0,
    credit = new CreditPolicy(budget, maxEvents),
  } = {}) {
    this.credit = credit;
    this.link = new PartitionLink(this.reader, this.credit, new FragmentBuffers());
    this.link.begun(sessionOf(CHANNEL, firstTransferId));
    this.link.attached(receiverOf(HANDLE, deliveryCount), this.#output);
  }

  /** One transfer frame. */
  send(payload: Buffer, sent: Sent = {}): this {
    const transfer = Object.assign(new Transfer(), sent);
    const start = this.#used;
    this.#used += payload.copy(this.#buffer, start);
    this.link.transfer(transfer, this.#buffer, start, this.#used);
    return this;
  }

  /** The read is over. @returns what the link answers. */
  endRead(): Answer {
    this.link.endRead(this.#output);
    this.overwrite();
    return this.answer();
  }

  overwrite(): void {
    this.#buffer.fill(0xff, 0, this.#used);
    this.#used = 0;
  }

  /** Something was settled. */
  topUp(): Answer {
    this.link.topUp(this.#output);
    return this.answer();
  }

  answer(): Answer {
    const frames = decodeFrames(this.#output.take() ?? Buffer.alloc(0)).map(
      ({ performative }) => performative,
    );
    return {
      flows: frames
        .filter((fields) => fields["handle"] === HANDLE)
        .map((fields) => ({
          nextIncomingId: fields["next_incoming_id"] as number,
          deliveryCount: fields["delivery_count"] as number,
          credit: fields["link_credit"] as number,
          window: fields["incoming_window"] as number,
        })),
      accepted: frames
        .filter((fields) => fields["first"] !== undefined)
        .map((fields) => [fields["first"] as number, fields["last"] as number]),
    };
  }
}

/** An encoded message as the hub sends it. */
export function messageOf(sequenceNumber: number, body: string): Buffer {
  return Buffer.concat([
    annotationsOf(sequenceNumber),
    described(0x75, valueAs(0xb0, Buffer.from(body, "latin1"))),
  ]);
}

export function annotationsOf(sequenceNumber: number, ...more: Buffer[]): Buffer {
  return described(
    0x72,
    map([
      symbol("x-opt-sequence-number"),
      long(sequenceNumber),
      symbol("x-opt-offset"),
      text(`at ${sequenceNumber}`),
      ...more,
    ]),
  );
}
