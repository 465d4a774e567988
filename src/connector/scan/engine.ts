import { TEXT_WASM } from "./wasm.ts";

/** What `assembly/text.ts` exports; addresses are indexes into its memory. */
type TextExports = {
  configure(ranges: number, maxRanges: number, containers: number, output: number, moves: number): void;
  scan(start: number, end: number): number;
  escape(start: number, end: number, maxBytes: number): number;
};

/** The part of the language's WebAssembly that is used here; TypeScript describes it for browsers alone. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Buffer);
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    constructor(pages: { initial: number; maximum: number });
  }
  class Instance {
    readonly exports: object;
    constructor(module: Module, imports: { env: { memory: Memory } });
  }
}

/** `text`: no JSON, or more records than can be reported. */
export type Found = "records" | "heartbeat" | "text";
const FOUND: readonly Found[] = ["text", "records", "heartbeat"];
const SHAPE_MASK = 3;
const ASCII = 4;
const COUNT_SHIFT = 3;

/** Start, end, and start and end of the category. */
const RANGE_NUMBERS = 4;
const RANGE_BYTES = RANGE_NUMBERS * 4;
/** A text of more records is not taken apart; one of 2 MiB cannot hold more. */
const MAX_RECORDS = 1024 * 1024;
/** What is escaped at once may become this long: an event of 250,000 control characters, each `\u0001`. */
export const MAX_ESCAPED_BYTES = 1_500_000;
const MOVES_BYTES = 256 * 16;
/** The vector code may touch so many bytes behind what it reads or writes. */
const MARGIN_BYTES = 128;
const PAGE_BYTES = 64 * 1024;
/** Texts up to this size share one memory; most hubs take messages of 1 MiB. */
const SHARED_TEXT_BYTES = 2 * 1024 * 1024;
const READ_BUFFER_BYTES = 256 * 1024;

let compiled: WebAssembly.Module | undefined;

/**
 * A memory for message texts, and the vector code that scans and escapes them in it. It serves one text at a time:
 * what is placed, found and escaped holds until the next call of the same kind.
 */
export class TextEngine {
  /** The whole memory; positions of texts are indexes into it. */
  readonly bytes: Buffer;
  /** A part of the memory for reading from a socket: texts in it are in place already. */
  readonly readBuffer: Buffer;
  /** It serves the texts of all, so what it found holds only until the next scan of anybody. */
  readonly isShared: boolean;
  readonly #exports: TextExports;
  readonly #ranges: Uint32Array;
  readonly #escapedAt: number;
  readonly #textAt: number;
  #found = 0;

  /** @param maxTextBytes The longest text that is placed. Memory is used only as far as texts reach. */
  constructor(maxTextBytes: number, isShared = false) {
    this.isShared = isShared;
    // Address 0 means that there is none, so nothing lies there.
    const movesAt = MARGIN_BYTES;
    this.#escapedAt = movesAt + MOVES_BYTES;
    const rangesAt = this.#escapedAt + MAX_ESCAPED_BYTES + MARGIN_BYTES;
    const containersAt = rangesAt + MAX_RECORDS * RANGE_BYTES;
    const readAt = containersAt + Math.max(maxTextBytes, READ_BUFFER_BYTES);
    this.#textAt = readAt + READ_BUFFER_BYTES + MARGIN_BYTES;
    const pages = Math.ceil((this.#textAt + maxTextBytes + MARGIN_BYTES) / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    compiled ??= new WebAssembly.Module(Buffer.from(TEXT_WASM, "base64"));
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    this.#exports = exports as TextExports;
    this.#exports.configure(rangesAt, MAX_RECORDS, containersAt, this.#escapedAt, movesAt);
    this.bytes = Buffer.from(memory.buffer);
    this.readBuffer = this.bytes.subarray(readAt, readAt + READ_BUFFER_BYTES);
    this.#ranges = new Uint32Array(memory.buffer, rangesAt, MAX_RECORDS * RANGE_NUMBERS);
  }

  /** @returns where the text lies in `bytes`; it is copied there unless it lies in this memory already. */
  place(text: Buffer, start: number, end: number): number {
    if (text.buffer === this.bytes.buffer) {
      return text.byteOffset + start;
    }
    text.copy(this.bytes, this.#textAt, start, end);
    return this.#textAt;
  }

  /** Finds the records of a text. */
  scan(start: number, end: number): Found {
    this.#found = this.#exports.scan(start, end);
    return FOUND[this.#found & SHAPE_MASK] as Found;
  }

  /** Whether the text scanned last is known to hold ASCII alone; false says nothing. */
  get isAscii(): boolean {
    return (this.#found & ASCII) !== 0;
  }

  /** How many records the text scanned last holds; none when it is not JSON. */
  get count(): number {
    return this.#found >>> COUNT_SHIFT;
  }

  start(index: number): number {
    return this.#ranges[index * RANGE_NUMBERS] as number;
  }

  end(index: number): number {
    return this.#ranges[index * RANGE_NUMBERS + 1] as number;
  }

  /** Where the JSON string lies that is the record's category; 0 for none. */
  categoryStart(index: number): number {
    return this.#ranges[index * RANGE_NUMBERS + 2] as number;
  }

  categoryEnd(index: number): number {
    return this.#ranges[index * RANGE_NUMBERS + 3] as number;
  }

  /**
   * Writes bytes of this memory, from `start` to `end`, as the inside of a JSON string, as `JSON.stringify` would. Bytes
   * from 0x80 on go through as they are, so UTF-8 stays UTF-8.
   * @param maxBytes At most `MAX_ESCAPED_BYTES`.
   * @returns how long it became, or -1 when it would be longer than `maxBytes`.
   */
  escape(start: number, end: number, maxBytes: number): number {
    return this.#exports.escape(start, end, Math.min(maxBytes, MAX_ESCAPED_BYTES));
  }

  /** Copies what was escaped last. */
  copyEscaped(into: Buffer, at: number, length: number): void {
    this.bytes.copy(into, at, this.#escapedAt, this.#escapedAt + length);
  }
}

let shared: TextEngine | undefined;

/** @returns the engine of this process, or one for this text alone if it is long, so that its memory does not stay. */
export function textEngineFor(textBytes: number): TextEngine {
  if (textBytes > SHARED_TEXT_BYTES) {
    return new TextEngine(textBytes);
  }
  shared ??= new TextEngine(SHARED_TEXT_BYTES, true);
  return shared;
}

/** @returns where sockets are read into: what is read is used before anything is read again, so one serves them all. */
export function sharedReadBuffer(): Buffer {
  return textEngineFor(0).readBuffer;
}
