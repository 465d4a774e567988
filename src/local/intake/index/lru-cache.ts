/** Keeps what was used last, up to a number of bytes that the caller estimates. */
export class LruCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  peek<Value>(key: string): Value | undefined {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
    }
    return known?.value as Value | undefined;
  }

  /** @param key Always used with the same kind of value. */
  get<Value>(key: string, bytes: number, make: () => Value): Value {
    const known = this.peek<Value>(key);
    if (known !== undefined) {
      return known;
    }
    const value = make();
    // One that would push out a quarter of the others is not worth it.
    if (bytes > this.#maxBytes / 4) {
      return value;
    }
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) {
        break;
      }
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
    return value;
  }
}
