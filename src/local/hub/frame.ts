import { FALSE, NULL, TRUE } from "./encoding.ts";

/**
 * The transfer frames that are written by hand. An event is stored as a finished frame, so that sending it is a copy
 * and a few patched bytes: channel, link handle, delivery id, delivery tag and the settled flag.
 * @see OASIS AMQP 1.0, part 2, sections 2.3 and 2.7.5
 */

/** Bytes before the payload of every transfer frame of ours. */
export const FRAME_HEAD_BYTES = 38;

const CHANNEL_AT = 6;
const HANDLE_AT = 15;
const DELIVERY_ID_AT = 20;
const TAG_AT = 26;
const SETTLED_AT = 31;
const MORE_AT = 32;

/** Size, data offset 2, type AMQP, channel; then `transfer` with all of its eleven fields, the unset ones as null or false. */
const HEAD = Buffer.from([
  ...[0, 0, 0, 0, 2, 0, 0, 0],
  ...[0x00, 0x53, 0x14, 0xc0, 25, 11],
  ...[0x70, 0, 0, 0, 0],
  ...[0x70, 0, 0, 0, 0],
  ...[0xa0, 4, 0, 0, 0, 0],
  0x43,
  ...[FALSE, FALSE],
  ...[NULL, NULL],
  ...[FALSE, FALSE, FALSE],
]);

/** Which link a transfer goes out on. */
export type LinkAddress = {
  readonly channel: number;
  readonly handle: number;
  /** The receiver asked not to have to acknowledge. */
  readonly settled: boolean;
};

/** Writes the head of a frame whose payload is already, or will be, behind it. */
export function writeHead(bytes: Buffer, offset: number, frameBytes: number): void {
  bytes.set(HEAD, offset);
  bytes.writeUInt32BE(frameBytes, offset);
}

/** Fills in what differs from receiver to receiver. */
export function patchHead(bytes: Buffer, offset: number, link: LinkAddress, deliveryId: number): void {
  const { channel, handle } = link;
  // Byte by byte: this runs for each event sent, and is half as dear as Buffer's checked writers.
  bytes[offset + CHANNEL_AT] = channel >>> 8;
  bytes[offset + CHANNEL_AT + 1] = channel;
  bytes[offset + HANDLE_AT] = handle >>> 24;
  bytes[offset + HANDLE_AT + 1] = handle >>> 16;
  bytes[offset + HANDLE_AT + 2] = handle >>> 8;
  bytes[offset + HANDLE_AT + 3] = handle;
  const b3 = deliveryId >>> 24;
  const b2 = deliveryId >>> 16;
  const b1 = deliveryId >>> 8;
  bytes[offset + DELIVERY_ID_AT] = b3;
  bytes[offset + DELIVERY_ID_AT + 1] = b2;
  bytes[offset + DELIVERY_ID_AT + 2] = b1;
  bytes[offset + DELIVERY_ID_AT + 3] = deliveryId;
  bytes[offset + TAG_AT] = b3;
  bytes[offset + TAG_AT + 1] = b2;
  bytes[offset + TAG_AT + 2] = b1;
  bytes[offset + TAG_AT + 3] = deliveryId;
  if (link.settled) {
    bytes[offset + SETTLED_AT] = TRUE;
  }
}

/**
 * One message as finished frames, cut where it is longer than a frame may be.
 * @param maxFrameBytes What the peer takes, more than `FRAME_HEAD_BYTES`.
 */
export function framesOf(
  payload: Buffer,
  link: LinkAddress,
  deliveryId: number,
  maxFrameBytes: number,
): Buffer[] {
  const room = maxFrameBytes - FRAME_HEAD_BYTES;
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += room) {
    const part = payload.subarray(at, at + room);
    const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + part.length);
    writeHead(frame, 0, frame.length);
    patchHead(frame, 0, link, deliveryId);
    frame[MORE_AT] = at + room < payload.length ? TRUE : FALSE;
    frame.set(part, FRAME_HEAD_BYTES);
    frames.push(frame);
  }
  return frames;
}
