import { type Compound, openCompound, readBoolean, readUint, skipValue } from "./values.ts";

/** Bytes of a frame before its body: size, data offset, type, channel. */
export const FRAME_HEADER_BYTES = 8;
const DESCRIPTOR_TRANSFER = 0x14;

/** What a transfer says about its delivery (OASIS AMQP 1.0, 2.7.5); -1: not given. */
export class Transfer {
  deliveryId = -1;
  messageFormat = -1;
  settled = false;
  more = false;
  aborted = false;
  /** Where the payload starts. */
  payloadStart = 0;

  readonly #fields: Compound = { first: 0, end: 0, count: 0 };

  /**
   * Reads the performative of a transfer frame.
   * @param start The index of the frame's body.
   * @throws WireFault when the performative is damaged.
   */
  read(bytes: Buffer, start: number, end: number): void {
    const list = afterDescriptor(bytes, start, end);
    const fields = this.#fields;
    openCompound(bytes, list, end, fields);
    this.deliveryId = -1;
    this.messageFormat = -1;
    this.settled = false;
    this.more = false;
    this.aborted = false;
    this.payloadStart = fields.end;
    let at = fields.first;
    for (let index = 0; index < fields.count && index < 10; index++) {
      if (index === 1) {
        this.deliveryId = readUint(bytes, at, fields.end);
      } else if (index === 3) {
        this.messageFormat = readUint(bytes, at, fields.end);
      } else if (index === 4) {
        this.settled = readBoolean(bytes, at, fields.end);
      } else if (index === 5) {
        this.more = readBoolean(bytes, at, fields.end);
      } else if (index === 9) {
        this.aborted = readBoolean(bytes, at, fields.end);
      }
      at = skipValue(bytes, at, fields.end);
    }
  }
}

/** Whether the body of an AMQP frame is a transfer, its descriptor written short or long. */
export function isTransfer(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 4 || bytes[start] !== 0x00) {
    return false;
  }
  if (bytes[start + 1] === 0x53) {
    return bytes[start + 2] === DESCRIPTOR_TRANSFER;
  }
  return (
    bytes[start + 1] === 0x80 &&
    end - start > 10 &&
    bytes[start + 9] === DESCRIPTOR_TRANSFER &&
    bytes.readUInt32BE(start + 2) === 0 &&
    bytes.readUIntBE(start + 6, 3) === 0
  );
}

function afterDescriptor(bytes: Buffer, start: number, end: number): number {
  return bytes[start + 1] === 0x53 ? start + 3 : skipValue(bytes, start + 1, end);
}
