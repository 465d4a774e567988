const FIRST_BYTES = 256 * 1024;
/** Kept while nobody needs them; larger ones, and more, are rare. */
const MAX_FREE = 4;
const MAX_FREE_BYTES = 2 * 1024 * 1024;

/** The memory that messages in fragments are put together in, used again and again: large messages come in numbers. */
export class FragmentBuffers {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Nobody uses the buffer any more. */
  give(buffer: Buffer): void {
    if (this.#free.length < MAX_FREE && buffer.length <= MAX_FREE_BYTES) {
      this.#free.push(buffer);
    }
  }

  /** @returns a buffer of at least so many bytes that starts with the first `used` of the old one. */
  grow(buffer: Buffer, bytes: number, used: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, buffer.length * 2));
    buffer.copy(larger, 0, 0, used);
    return larger;
  }
}
