import type { Socket } from "node:net";
import rhea, { type Connection } from "rhea";
import { skipValue } from "./encoding.ts";
import type { SharedAccessKey } from "./keys.ts";

/**
 * Everything that leans on private members of rhea 3.0.5, in one place. rhea keeps SASL, open, begin, attach, detach, end,
 * close and heartbeats; transfers, credit and dispositions are taken over, since rhea keeps an object, a closure and a
 * socket write for each of them.
 */

/** A performative as rhea decodes it: fields by name, null or undefined where the peer sent none. */
export type Performative = {
  readonly [field: string]: unknown;
  readonly value: unknown[];
};

export type Frame = {
  readonly channel: number;
  readonly performative: Performative;
  readonly payload?: Buffer;
};

export type WireSession = {
  readonly connection: WireConnection;
  readonly local: { readonly channel: number; readonly begin: Record<string, unknown> };
  readonly remote: { readonly handles: Record<number, WireLink> };
  readonly outgoing: {
    next_transfer_id: number;
    next_delivery_id: number;
    next_pending_delivery: number;
    remote_window: number | undefined;
    remote_next_transfer_id: number | null | undefined;
    on_flow(fields: Performative): void;
  };
  readonly incoming: { next_transfer_id: number; on_flow(fields: Performative): void };
  on_transfer(frame: Frame): void;
  on_flow(frame: Frame): void;
  on_disposition(frame: Frame): void;
  _write_flow(link?: WireLink): void;
  end(error: object): void;
};

export type WireLink = {
  readonly name: string;
  readonly session: WireSession;
  readonly local: { readonly handle: number; readonly attach: Record<string, unknown> };
  readonly remote: { readonly attach?: Record<string, unknown> };
  credit: number;
  delivery_count: number;
  close(error?: object): void;
  is_open(): boolean;
  is_receiver(): boolean;
  add_credit(credit: number): void;
  /** Whether the flow frames of this link say `drain`. */
  _get_drain(): boolean;
  set_source(fields: object): void;
  set_target(fields: object): void;
};

export type WireConnection = {
  readonly socket: Socket;
  readonly remote: { readonly open?: { readonly max_frame_size?: number | null } };
  readonly local_channel_map: Record<number, WireSession>;
  close(error?: object): void;
  input(bytes: Buffer): void;
  output(): void;
  /** Ends its timers. It hears of a stream's end by itself, but not of one that was destroyed. */
  eof(): void;
  _register(): void;
  _write_frame(channel: number, performative?: WirePerformative, payload?: Buffer): void;
};

type WirePerformative = {
  readonly constructor: { readonly descriptor?: { readonly numeric: number } };
  readonly value: ({ readonly value: unknown } | undefined)[];
};

/** What this end takes, and the most that it sends in a frame. */
export const FRAME_BYTES_MAX = 65_536;
const CHANNEL_MAX = 4999;
const KAFKA_GREETING_BYTES_MAX = 65_536;
const IDLE_TIMEOUT_MS = 120_000;

/** Fields of each performative by its descriptor: the Python client indexes the lists without looking at their length. */
const FIELD_COUNTS: Readonly<Record<number, number>> = {
  16: 10,
  17: 8,
  18: 14,
  19: 11,
  20: 11,
  21: 6,
  22: 3,
  23: 1,
  24: 1,
};
const ERROR_AT: Readonly<Record<number, number>> = { 22: 2, 23: 0, 24: 0 };
const ERROR_FIELDS = 3;

/** Lets rhea talk on an accepted socket; our frame guard stands before it. */
export function acceptSocket(
  socket: Socket,
  keys: readonly SharedAccessKey[],
): { connection: Connection; wire: WireConnection; plainKey(): SharedAccessKey | undefined } {
  let plainKey: SharedAccessKey | undefined;
  const container = rhea.create_container({ id: "local-event-hubs" });
  const accepted = { outcome: true, start: () => {} };
  container.sasl_server_mechanisms = Object.assign(Object.create(null), {
    MSSBCBS: () => accepted,
    PLAIN: () => {
      const mechanism = {
        outcome: false,
        start(response: unknown) {
          const [, name, key] = Buffer.isBuffer(response) ? response.toString("utf8").split("\0") : [];
          plainKey = keys.find((candidate) => candidate.name === name && candidate.key === key);
          mechanism.outcome = plainKey !== undefined;
        },
      };
      return mechanism;
    },
    ANONYMOUS: () => accepted,
    EXTERNAL: () => accepted,
  });
  const options = {
    // A client with a ready-made signature opens without SASL, and shows it to `$cbs`.
    require_sasl: false,
    reconnect: false,
    tcp_no_delay: true,
    max_frame_size: FRAME_BYTES_MAX,
    channel_max: CHANNEL_MAX,
    idle_time_out: IDLE_TIMEOUT_MS,
    receiver_options: { credit_window: 0, autoaccept: false },
  };
  const connection = container.create_connection({ ...options, host: "localhost", port: 0 });
  const wire = connection as unknown as WireConnection & { accept(socket: Socket): void };
  wire.accept(socket);
  completePerformatives(wire);
  corkOutput(wire);
  return { connection, wire, plainKey: () => plainKey };
}

function completePerformatives(wire: WireConnection): void {
  const writeFrame = wire._write_frame.bind(wire);
  wire._write_frame = (channel, performative, payload) => {
    const code = performative?.constructor.descriptor?.numeric ?? -1;
    const fields = FIELD_COUNTS[code];
    if (performative !== undefined && fields !== undefined) {
      const error = performative.value[ERROR_AT[code] ?? -1];
      if (Array.isArray(error?.value)) {
        error.value.length = ERROR_FIELDS;
      }
      performative.value.length = fields;
    }
    writeFrame(channel, performative, payload);
  };
}

/** rhea writes each frame on its own; those of one turn of the event loop leave as one. */
function corkOutput(wire: WireConnection): void {
  const output = wire.output.bind(wire);
  let isCorked = false;
  wire.output = () => {
    if (!isCorked) {
      isCorked = true;
      wire.socket.cork();
      process.nextTick(() => {
        isCorked = false;
        wire.socket.uncork();
      });
    }
    output();
  };
}

/**
 * Cuts the input into frames and checks each before rhea's codec sees it, which trusts every length and count it reads.
 * @param deliver Gets whole, well-formed frames only.
 * @param fail Called once, with what is wrong; nothing is delivered after it.
 */
export class FrameGuard {
  readonly #deliver: (bytes: Buffer) => void;
  readonly #fail: (problem: string) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Protocol headers still to come: the one for SASL and the one for AMQP. */
  #headersLeft = 2;
  #neededBytes = 8;
  #hasFailed = false;

  constructor(deliver: (bytes: Buffer) => void, fail: (problem: string) => void) {
    this.#deliver = deliver;
    this.#fail = fail;
  }

  push(bytes: Buffer): void {
    if (this.#hasFailed) {
      return;
    }
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    if (this.#restBytes < this.#neededBytes) {
      return;
    }
    const input = this.#rest.length === 1 ? bytes : Buffer.concat(this.#rest, this.#restBytes);
    const end = this.#checkFrames(input);
    if (end > 0) {
      this.#deliver(end === input.length ? input : input.subarray(0, end));
    }
    const rest = input.subarray(end);
    this.#rest = rest.length === 0 ? [] : [rest];
    this.#restBytes = rest.length;
  }

  /** @returns where the last whole and good frame ends. */
  #checkFrames(input: Buffer): number {
    let at = 0;
    while (input.length - at >= 8) {
      if (this.#headersLeft > 0 && input[at] === 0x41) {
        this.#headersLeft -= 1;
        at += 8;
        continue;
      }
      const size = input.readUInt32BE(at);
      const problem = this.#headersLeft === 2 ? greetingProblem(input) : problemOf(size, input, at);
      if (problem !== undefined) {
        this.#hasFailed = true;
        this.#fail(problem);
        return 0;
      }
      if (input.length - at < size) {
        this.#neededBytes = size;
        return at;
      }
      const start = at + (input[at + 4] ?? 0) * 4;
      if (start < at + size && skipValue(input, start, at + size) < 0) {
        this.#hasFailed = true;
        this.#fail("a malformed frame");
        return 0;
      }
      at += size;
    }
    this.#neededBytes = 8;
    return at;
  }
}

/** What a client is that begins in Kafka's way. */
export const KAFKA = "a Kafka request";

/** A request of Kafka begins with its size, the number of a call and the version of it, all of them small. */
function greetingProblem(input: Buffer): string {
  const isKafka =
    input.readUInt32BE(0) < KAFKA_GREETING_BYTES_MAX &&
    input.readUInt16BE(4) < 100 &&
    input.readUInt16BE(6) < 20;
  return isKafka ? KAFKA : "no AMQP protocol header";
}

function problemOf(size: number, input: Buffer, at: number): string | undefined {
  if (size < 8 || size > FRAME_BYTES_MAX) {
    return `a frame of ${size} bytes`;
  }
  const dataOffset = (input[at + 4] ?? 0) * 4;
  if (dataOffset < 8 || dataOffset > size) {
    return "a frame with a wrong data offset";
  }
  return input.readUInt16BE(at + 6) > CHANNEL_MAX && input[at + 5] === 0
    ? "a channel above the limit"
    : undefined;
}
