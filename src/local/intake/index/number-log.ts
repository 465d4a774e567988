/** Numbers that are added at the end and never taken away. */
export class NumberLog<Numbers extends Uint16Array | Uint32Array> {
  #numbers: Numbers;
  #length = 0;
  readonly #make: (length: number) => Numbers;

  constructor(make: (length: number) => Numbers) {
    this.#make = make;
    this.#numbers = make(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      this.#grow(this.#length + 1);
    }
    this.#numbers[this.#length++] = number;
  }

  append(numbers: Numbers): void {
    if (this.#length + numbers.length > this.#numbers.length) {
      this.#grow(this.#length + numbers.length);
    }
    this.#numbers.set(numbers, this.#length);
    this.#length += numbers.length;
  }

  /** What was added from that place on. It is a view, which holds until the next number is added. */
  since(from: number): Numbers {
    return this.#numbers.subarray(from, this.#length) as Numbers;
  }

  #grow(needed: number): void {
    const numbers = this.#make(Math.max(needed, this.#numbers.length * 2));
    numbers.set(this.#numbers.subarray(0, this.#length));
    this.#numbers = numbers;
  }
}

export function shortLog(): NumberLog<Uint16Array> {
  return new NumberLog((length) => new Uint16Array(length));
}

export function longLog(): NumberLog<Uint32Array> {
  return new NumberLog((length) => new Uint32Array(length));
}

/** A copy of the numbers, the memory its own. */
export function copyOf<Numbers extends Uint16Array | Uint32Array>(numbers: Numbers): Numbers {
  return numbers.slice() as Numbers;
}
