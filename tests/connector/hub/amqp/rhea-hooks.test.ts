import type { Session } from "rhea";
import { expect, test } from "vitest";
import { FrameInput } from "../../../../src/connector/hub/amqp/frame-input.ts";
import {
  createRheaConnection,
  feed,
  linkNumbers,
  sessionNumbers,
} from "../../../../src/connector/hub/amqp/rhea-hooks.ts";
import { Transfer } from "../../../../src/connector/hub/amqp/transfer.ts";

const HEADER = Buffer.from("414d515000010000", "hex");
const CHANNEL = 3;
const NEXT_OUTGOING_ID = 7;
const DELIVERY_COUNT = 5;
const PAYLOAD = Buffer.from("payload");

/** A peer's frames, made here, must open a connection, session and link, tell their numbers, and leave the transfers to us. */
test("the pinned rhea has everything that is used of its inside", () => {
  const events: string[] = [];
  const connection = createRheaConnection(
    { transport: "tcp", host: "peer", port: 0, reconnect: false },
    () => ({
      write: () => true,
      end: () => undefined,
      on: () => undefined,
      get_id_string: () => "peer",
    }),
  );
  for (const event of ["error", "protocol_error", "connection_error", "disconnected"]) {
    connection.on(event, () => events.push(event));
  }
  connection.on("connection_open", () => events.push("open"));
  connection.connect();
  const payloads: string[] = [];
  const transfer = new Transfer();
  const input = new FrameInput(65_536, {
    mustWait: false,
    transfer(channel, bytes, start, end) {
      if (channel !== CHANNEL) {
        return false;
      }
      transfer.read(bytes, start, end);
      payloads.push(`${transfer.deliveryId}:${bytes.toString("latin1", transfer.payloadStart, end)}`);
      return true;
    },
    other: (frame) => feed(connection, frame),
  });
  const push = (bytes: Buffer) => input.push(bytes, bytes.length);

  push(Buffer.concat([HEADER, frame(0, 0x10, text("peer"))]));
  const session: Session = connection.create_session({ incoming: 8 });
  session.begin();
  const receiver = session.open_receiver({ name: "link", source: { address: "a" }, credit_window: 0 });
  receiver.on("receiver_open", () => events.push("attach"));
  receiver.on("receiver_close", () => events.push("detach"));
  push(frame(CHANNEL, 0x11, ushort(0), uint(NEXT_OUTGOING_ID), uint(100), uint(100)));
  push(frame(CHANNEL, 0x12, ...ATTACH));
  push(frameWith(PAYLOAD, CHANNEL, 0x14, uint(0), uint(41), binary("tag"), uint(0), Buffer.from([0x41])));
  const { remote, nextIncomingId } = sessionNumbers(session);
  const { deliveryCount } = linkNumbers(receiver);
  push(frame(CHANNEL, 0x16, uint(0), Buffer.from([0x41])));

  expect(events).toEqual(["open", "attach", "detach"]);
  expect({ remote, nextIncomingId, deliveryCount }).toEqual({
    remote: CHANNEL,
    nextIncomingId: NEXT_OUTGOING_ID,
    deliveryCount: DELIVERY_COUNT,
  });
  expect(payloads).toEqual(["41:payload"]);
});

function uint(value: number): Buffer {
  return Buffer.from([0x52, value]);
}

function ushort(value: number): Buffer {
  return Buffer.from([0x60, 0, value]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0xa1, value.length]), Buffer.from(value)]);
}

function binary(value: string): Buffer {
  return Buffer.concat([Buffer.from([0xa0, value.length]), Buffer.from(value)]);
}

const NULL = Buffer.from([0x40]);
/** A terminus whose only field is its address. */
function terminus(code: number): Buffer {
  return Buffer.concat([Buffer.from([0x00, 0x53, code, 0xc0, 4, 1]), text("a")]);
}

/** name, handle, role: sender, both settle modes, source, target, unsettled, incomplete, initial delivery count */
const ATTACH = [
  text("link"),
  uint(0),
  Buffer.from([0x42]),
  NULL,
  NULL,
  terminus(0x28),
  terminus(0x29),
  NULL,
  NULL,
  uint(DELIVERY_COUNT),
];

function frame(channel: number, descriptor: number, ...fields: readonly Buffer[]): Buffer {
  return frameWith(Buffer.alloc(0), channel, descriptor, ...fields);
}

function frameWith(
  payload: Buffer,
  channel: number,
  descriptor: number,
  ...fields: readonly Buffer[]
): Buffer {
  const list = Buffer.concat(fields);
  const body = Buffer.concat([
    Buffer.from([0x00, 0x53, descriptor, 0xc0, list.length + 1, fields.length]),
    list,
    payload,
  ]);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(body.length + 8);
  header[4] = 2;
  header.writeUInt16BE(channel, 6);
  return Buffer.concat([header, body]);
}
