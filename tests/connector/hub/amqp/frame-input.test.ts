import { expect, test } from "vitest";
import { CreditPolicy } from "../../../../src/connector/hub/amqp/credit.ts";
import { FragmentBuffers } from "../../../../src/connector/hub/amqp/fragments.ts";
import { FrameInput } from "../../../../src/connector/hub/amqp/frame-input.ts";
import { FrameOutput } from "../../../../src/connector/hub/amqp/frame-output.ts";
import { PartitionLink } from "../../../../src/connector/hub/amqp/link.ts";
import { Transfer } from "../../../../src/connector/hub/amqp/transfer.ts";
import { WireFault } from "../../../../src/connector/hub/amqp/values.ts";
import { Random } from "../../../chaos/random.ts";
import { AMPLE, receiverOf, sessionOf } from "../support/link-ends.ts";
import type { RandomMessage } from "../support/random-messages.ts";
import { otherFrame, RandomTransfers } from "../support/random-transfers.ts";
import { amqpFrame, decodeFrames, EMPTY_FRAME } from "../support/rhea-codec.ts";

const MESSAGES = 100_000;
const CHANNELS = [0, 4, 4999];
const MESSAGES_A_BLOCK = 3000;

/** Shared, so that messages in fragments of several links take turns in its memory. */
const buffers = new FragmentBuffers();

/** One link under test: what its hub wrote, and how far its reader has compared that with what it got. */
class LinkUnderTest {
  readonly link: PartitionLink;
  readonly transfers: RandomTransfers;
  readonly acceptedIds: number[] = [];
  wrong = 0;
  received = 0;
  #wanted: RandomMessage[] = [];
  #compared = 0;

  constructor(channel: number, credit: CreditPolicy, output: FrameOutput, random: Random) {
    this.transfers = new RandomTransfers(random, channel, 2 ** 32 - 20_000);
    this.link = new PartitionLink(
      {
        pendingEvents: 0,
        receive: (bytes, start, end, sequenceNumber) => {
          const wanted = this.#wanted[this.#compared++];
          this.received++;
          if (wanted?.sequenceNumber !== sequenceNumber) {
            this.wrong++;
          } else if (bytes.compare(wanted.body, 0, wanted.body.length, start, end) !== 0) {
            this.wrong++;
          }
        },
        reach: ({ sequenceNumber, offset }, enqueuedAtMs) => {
          const wanted = this.#wanted[this.#compared - 1];
          const isRight =
            wanted?.sequenceNumber === sequenceNumber &&
            wanted.offset === offset &&
            wanted.enqueuedAtMs === enqueuedAtMs;
          if (!isRight) {
            this.wrong++;
          }
        },
        flush: () => {},
        alive: () => {},
        observeEnd: () => {},
        close: () => {},
      },
      credit,
      buffers,
    );
    this.link.begun(sessionOf(channel, 2 ** 32 - 5));
    this.link.attached(receiverOf(0), output);
  }

  /** The frames of as many messages as the block wants; all of the last block must have come. */
  block(count: number): Buffer[] {
    if (this.#compared !== this.#wanted.length) {
      this.wrong++;
    }
    this.#compared = 0;
    this.#wanted = [];
    return Array.from({ length: count }, () => {
      const { message, frames } = this.transfers.next();
      this.#wanted.push(message);
      return frames;
    }).flat();
  }
}

test("100,000 random messages, cut into reads at random bytes, arrive exactly, though their buffer is overwritten", () => {
  const random = new Random(20_261_124);
  const output = new FrameOutput();
  const credit = new CreditPolicy(AMPLE, 20_000);
  const links = new Map(
    CHANNELS.map((channel) => [channel, new LinkUnderTest(channel, credit, output, random)]),
  );
  const others: Buffer[] = [];
  const touched = new Set<PartitionLink>();
  const transfer = new Transfer();
  const input = new FrameInput(65_536, {
    mustWait: false,
    transfer(channel, bytes, start, end) {
      const link = links.get(channel)?.link;
      if (link === undefined) {
        return false;
      }
      transfer.read(bytes, start, end);
      link.transfer(transfer, bytes, transfer.payloadStart, end);
      touched.add(link);
      return true;
    },
    other: (frame) => others.push(frame),
  });
  const readBuffer = Buffer.alloc(256 * 1024);
  const answer = () => {
    for (const link of touched) {
      link.endRead(output);
    }
    touched.clear();
    for (const { channel, performative } of decodeFrames(output.take() ?? Buffer.alloc(0))) {
      if (performative["first"] === undefined) {
        continue;
      }
      const ids = links.get(channel)?.acceptedIds ?? [];
      const first = performative["first"] as number;
      const count = ((performative["last"] as number) - first + 1) >>> 0;
      for (let index = 0; index < count; index++) {
        ids.push((first + index) >>> 0);
      }
    }
  };

  let wrongOthers = 0;
  for (let written = 0; written < MESSAGES; written += MESSAGES_A_BLOCK) {
    const count = Math.min(MESSAGES_A_BLOCK, MESSAGES - written) / CHANNELS.length;
    const { stream, wantedOthers } = mix(
      random,
      [...links.values()].map((link) => link.block(Math.ceil(count))),
    );
    for (let at = 0; at < stream.length; ) {
      const length = Math.min(
        stream.length - at,
        Math.floor(readBuffer.length ** random.next()),
        random.next() < 0.2 ? 9 : readBuffer.length,
      );
      stream.copy(readBuffer, 0, at, at + length);
      input.push(readBuffer, length);
      answer();
      readBuffer.fill(0xff, 0, length);
      at += length;
    }
    wrongOthers += others.length === wantedOthers.length ? 0 : 1;
    others.forEach((frame, index) => {
      if (!frame.equals(wantedOthers[index] ?? Buffer.alloc(0))) {
        wrongOthers++;
      }
    });
    others.length = 0;
  }
  for (const link of links.values()) {
    link.block(0);
  }
  expect([...links.values()].map(({ wrong }) => wrong)).toEqual([0, 0, 0]);
  expect(wrongOthers).toBe(0);
  expect([...links.values()].reduce((sum, { received }) => sum + received, 0)).toBeGreaterThanOrEqual(
    MESSAGES,
  );
  for (const { acceptedIds, transfers } of links.values()) {
    expect(acceptedIds.length).toBe(transfers.unsettledIds.length);
    expect(acceptedIds.every((id, index) => id === transfers.unsettledIds[index])).toBe(true);
    expect(Math.max(...acceptedIds.slice(0, 5))).toBeGreaterThan(2 ** 32 - 20_100);
    expect(acceptedIds.at(-1)).toBeLessThan(20_000);
  }
}, 120_000);

/** Frames of several links in one stream, in a random order that keeps each link's own, with others in between. */
function mix(random: Random, queues: Buffer[][]): { stream: Buffer; wantedOthers: Buffer[] } {
  const ways = queues.map((frames) => ({ frames, next: 0 }));
  const frames: Buffer[] = [];
  const wantedOthers: Buffer[] = [];
  for (;;) {
    const open = ways.filter(({ frames: all, next }) => next < all.length);
    if (open.length === 0) {
      break;
    }
    const way = random.pick(open);
    for (let run = random.between(1, 20); run > 0 && way.next < way.frames.length; run--) {
      frames.push(way.frames[way.next++] as Buffer);
    }
    if (random.next() < 0.2) {
      const other = otherFrame(random);
      frames.push(other);
      wantedOthers.push(other);
    }
  }
  return { stream: Buffer.concat(frames), wantedOthers };
}

/** Pushes the bytes one at a time from a buffer that is overwritten each time. */
function pushed(bytes: Buffer): string[] {
  const seen: string[] = [];
  const input = new FrameInput(1000, {
    mustWait: false,
    transfer: (channel, all, start, end) => {
      seen.push(`transfer ${channel} ${all.toString("hex", start, end)}`);
      return true;
    },
    other: (frame) => seen.push(`other ${frame.toString("hex")}`),
  });
  const one = Buffer.alloc(1);
  for (const byte of bytes) {
    one[0] = byte;
    input.push(one, 1);
    one[0] = 0xff;
  }
  return seen;
}

test("frames that come byte by byte are put together", () => {
  const transfer = amqpFrame(3, "transfer", { handle: 0, delivery_id: 1 }, Buffer.from("payload"));
  expect(pushed(Buffer.concat([Buffer.from("AMQP\0\x01\0\0"), EMPTY_FRAME, transfer, EMPTY_FRAME]))).toEqual([
    "other 414d515000010000",
    "other 0000000802000000",
    `transfer 3 ${transfer.toString("hex", 8)}`,
    "other 0000000802000000",
  ]);
});

test.each([
  { name: "shorter than its header", bytes: [0, 0, 0, 7, 2, 0, 0, 0], fault: "a frame of 7 bytes" },
  { name: "of no bytes", bytes: [0, 0, 0, 0, 2, 0, 0, 0], fault: "a frame of 0 bytes" },
  { name: "larger than agreed", bytes: [0, 0, 3, 233, 2, 0, 0, 0], fault: "a frame of 1001 bytes" },
  { name: "of 4 GiB", bytes: [255, 255, 255, 255, 2, 0, 0, 0], fault: "a frame of 4294967295 bytes" },
  {
    name: "whose body starts inside its header",
    bytes: [0, 0, 0, 12, 1, 0, 0, 0, 0, 0x53, 0x14, 0x45],
    fault: "starts outside",
  },
  {
    name: "whose body starts behind its end",
    bytes: [0, 0, 0, 12, 4, 0, 0, 0, 0, 0x53, 0x14, 0x45],
    fault: "starts outside",
  },
])("a frame $name is a fault, in one read or byte by byte", ({ bytes, fault }) => {
  const whole = () =>
    new FrameInput(1000, { mustWait: false, transfer: () => true, other: () => {} }).push(
      Buffer.from(bytes),
      bytes.length,
    );
  for (const push of [whole, () => pushed(Buffer.from(bytes))]) {
    expect(push).toThrow(WireFault);
    expect(push).toThrow(fault);
  }
});

test("a frame of the largest size agreed passes", () => {
  const frame = Buffer.alloc(1000);
  frame.writeUInt32BE(1000);
  frame[4] = 2;
  expect(pushed(frame)).toHaveLength(1);
});

test.each([1, 7, 64, 4096])(
  "while it must wait, nothing is handed over from a transfer on, and nothing is lost or changes its place (%i bytes a read)",
  (readBytes) => {
    const seen: string[] = [];
    const transferOf = (id: number) =>
      amqpFrame(3, "transfer", { handle: 0, delivery_id: id }, Buffer.from(`payload ${id}`));
    const sink = {
      mustWait: false,
      transfer(_channel: number, all: Buffer, start: number, end: number) {
        seen.push(all.toString("hex", start, end));
        // One at a time.
        sink.mustWait = true;
        return true;
      },
      other: () => void seen.push("other"),
    };
    const input = new FrameInput(1000, sink);
    const ids = Array.from({ length: 20 }, (_, id) => id);
    const stream = Buffer.concat(ids.flatMap((id) => [EMPTY_FRAME, transferOf(id), EMPTY_FRAME]));
    const buffer = Buffer.alloc(readBytes);
    for (let at = 0; at < stream.length; at += readBytes) {
      const length = stream.copy(buffer, 0, at, at + readBytes);
      input.push(buffer, length);
      buffer.fill(0xff);
    }
    expect(seen.length).toBeLessThan(6);
    for (const _each of ids) {
      sink.mustWait = false;
      input.resume();
    }
    expect(seen).toEqual(ids.flatMap((id) => ["other", transferOf(id).toString("hex", 8), "other"]));
    expect(input.isWaiting).toBe(false);
  },
);
