import { createRequire } from "node:module";
import rhea from "rhea";

/** rhea's codec of frames and values, which its typings leave out: the encoder and decoder to compare ours with. */

type Performative = Readonly<Record<string, unknown>>;
type RheaFrame = {
  readonly size: number;
  readonly type: number;
  readonly channel: number;
  readonly performative?: Performative & { readonly descriptor?: unknown };
  readonly payload?: Buffer;
};
type Frames = {
  read_frame(bytes: Buffer): RheaFrame;
  write_frame(frame: object): Buffer;
  amqp_frame(channel: number, performative?: object, payload?: Buffer): object;
  sasl_frame(performative: object): object;
} & Readonly<Record<string, (fields: object) => object>>;

const frames = createRequire(import.meta.url)("rhea/lib/frames.js") as Frames;
const { Writer, by_code: byCode } = rhea.types as unknown as {
  Writer: new () => { write(value: object): void; toBuffer(): Buffer };
  by_code: Readonly<Record<number, { create(value: unknown): object }>>;
};

/** @param name As rhea names its performatives: `transfer`, `flow`, … */
export function amqpFrame(channel: number, name: string, fields: object, payload?: Buffer): Buffer {
  return frames.write_frame(frames.amqp_frame(channel, frames[name]?.(fields), payload));
}

export function saslFrame(name: string, fields: object): Buffer {
  return frames.write_frame(frames.sasl_frame(frames[name]?.(fields) ?? {}));
}

/** A heartbeat. */
export const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

export type DecodedFrame = { readonly channel: number; readonly performative: Performative };

/** Decodes frames that lie one behind the other. */
export function decodeFrames(bytes: Buffer): DecodedFrame[] {
  const decoded: DecodedFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const { channel, performative } = frames.read_frame(bytes.subarray(at, at + size));
    decoded.push({ channel, performative: performative ?? {} });
    at += size;
  }
  return decoded;
}

/** A value in one certain encoding, such as `0xb1` for a long string, however short it is. */
export function valueAs(constructorByte: number, value: unknown): Buffer {
  const writer = new Writer();
  const type = byCode[constructorByte];
  if (type === undefined) {
    throw new RangeError(`rhea knows no type ${constructorByte}`);
  }
  writer.write(type.create(value));
  return writer.toBuffer();
}
