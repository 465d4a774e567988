import rhea from "rhea";
import { described, list, long, map, symbol, text, timestamp } from "../../../../src/local/hub/encoding.ts";
import type { Random } from "../../../chaos/random.ts";
import { valueAs } from "./rhea-codec.ts";

/** A message as a hub may send it, and what a reader must get of it. */
export type RandomMessage = {
  readonly bytes: Buffer;
  readonly sequenceNumber: number;
  readonly offset: string;
  /** 0 when the message has none. */
  readonly enqueuedAtMs: number;
  readonly body: Buffer;
};

type Body = { readonly sections: readonly Buffer[]; readonly bytes: Buffer };

/** One message in a random shape, every value of it in one of the encodings that the specification allows. */
export function randomMessage(random: Random, sequenceNumber: number): RandomMessage {
  const offset = random.pick([String(sequenceNumber * 64), `1:${sequenceNumber}:0`, "é".repeat(150)]);
  const enqueuedAtMs = random.pick([0, 1, 1_700_000_000_000 + sequenceNumber, 253_402_300_799_999]);
  const body = randomBody(random);
  const bytes = Buffer.concat([
    ...sometimes(random, 0.2, () => described(0x70, list([Buffer.from([0x41]), Buffer.from([0x50, 4])]))),
    ...sometimes(random, 0.2, () =>
      described(0x71, map([symbol("last_enqueued_offset"), text("77"), symbol("x-opt-offset"), text("no")])),
    ),
    described(0x72, annotations(random, sequenceNumber, offset, enqueuedAtMs)),
    ...sometimes(random, 0.3, () =>
      described(0x73, list([text("id"), valueAs(0xa0, Buffer.from("correlation"))])),
    ),
    ...sometimes(random, 0.3, () => described(0x74, map([text("x-opt-offset"), text("of the producer")]))),
    ...body.sections.map((section) => withLongDescriptor(random, section)),
    ...sometimes(random, 0.1, () => described(0x78, map([symbol("crc"), valueAs(0x80, 7)]))),
  ]);
  return { bytes, sequenceNumber, offset, enqueuedAtMs, body: body.bytes };
}

function annotations(random: Random, sequenceNumber: number, offset: string, enqueuedAtMs: number): Buffer {
  const key = (name: string) => valueAs(random.pick([0xa3, 0xb3]), name);
  const isShort = Buffer.byteLength(offset) < 256;
  const entries = [
    [
      key("x-opt-sequence-number"),
      sequenceNumber < 128 && random.next() < 0.5 ? valueAs(0x55, sequenceNumber) : long(sequenceNumber),
    ],
    [key("x-opt-offset"), valueAs(isShort ? random.pick([0xa1, 0xb1]) : 0xb1, offset)],
    ...sometimes(random, 0.2, () => [text("x-opt-offset"), text("a text is not a key of the hub's")]),
    ...sometimes(random, 0.3, () => [key("x-opt-partition-key"), text("k".repeat(random.between(0, 300)))]),
    ...sometimes(random, 0.2, () => [key("x-opt-nested"), map([text("x-opt-offset"), text("deeper")])]),
    ...sometimes(random, 0.2, () => [key("x-opt-none"), Buffer.from([0x40])]),
    ...(enqueuedAtMs === 0 ? [] : [[key("x-opt-enqueued-time"), timestamp(enqueuedAtMs)]]),
  ];
  return map(random.shuffled(entries).flat());
}

function randomBody(random: Random): Body {
  const kind = random.next();
  if (kind < 0.75) {
    return dataBody([randomBytes(random)], random);
  }
  if (kind < 0.85) {
    return dataBody(
      Array.from({ length: random.between(2, 4) }, () => randomBytes(random)),
      random,
    );
  }
  if (kind < 0.88) {
    return { sections: [], bytes: Buffer.alloc(0) };
  }
  const value = random.pick<unknown>(VALUES);
  if (kind < 0.95) {
    const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
    return { sections: [rhea.message.encode({ body: value })], bytes };
  }
  const items = [value, random.between(0, 1000)];
  return {
    sections: [rhea.message.encode({ body: rhea.message.sequence_section(items) })],
    bytes: Buffer.from(JSON.stringify(items)),
  };
}

const VALUES = ["text", "ünïcode", "", { a: 1, b: [true, null] }, [1, "two"], 42, -7, true, 1.5];

function dataBody(parts: readonly Buffer[], random: Random): Body {
  const sections = parts.map((part) =>
    described(0x75, valueAs(part.length < 256 ? random.pick([0xa0, 0xb0]) : 0xb0, part)),
  );
  return { sections, bytes: Buffer.concat(parts) };
}

function randomBytes(random: Random): Buffer {
  const most = random.pick([0, 40, 40, 200, 200, 600]);
  const length = random.next() < 0.0005 ? random.between(60_000, 300_000) : random.between(0, most);
  return Buffer.alloc(length, random.between(0, 0xffff_ffff).toString(16));
}

/** A descriptor may be written as one byte or as eight. */
function withLongDescriptor(random: Random, section: Buffer): Buffer {
  if (random.next() > 0.1) {
    return section;
  }
  const long = Buffer.from([0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, section[2] ?? 0]);
  return Buffer.concat([long, section.subarray(3)]);
}

function sometimes<Item>(random: Random, chance: number, make: () => Item): Item[] {
  return random.next() < chance ? [make()] : [];
}
