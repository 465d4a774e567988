/**
 * Values follow Python, since the format language does:
 *   None → null, an undefined name → undefined, bool → boolean, str → string,
 *   int → number while it is a safe integer, else bigint,
 *   float → number when it has a fraction (or is not finite), else `Float` (so that 1.0 stays 1.0),
 *   list → array, tuple → `Tuple`, dict → Map (ordered, and no key is special).
 */

/** A float with an integral value, such as 1.0 or 8080.0. Any other float is a plain number. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A list that nothing can be added to, and that prints and compares as a tuple; what is made from one is a list. */
export class Tuple extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  static holding(items: Iterable<Value>): Tuple {
    const tuple = new Tuple();
    for (const item of items) {
      tuple.push(item);
    }
    return tuple;
  }
}

/**
 * What Python makes while it is gone through: the result of `map`, `select` and their like, and of `.items()`. It can
 * be looped over, joined, or made a list, and it prints as one here, but none of its items can be asked for.
 */
export class Lazy extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** A dict's view knows its length; what a filter gives has none, and is true even if there is nothing in it. */
  hasLength = false;

  static holding(items: readonly Value[], hasLength: boolean): Lazy {
    const lazy = new Lazy();
    for (const item of items) {
      lazy.push(item);
    }
    lazy.hasLength = hasLength;
    return lazy;
  }
}

export type Key = string | number | bigint | boolean | null;
export type Value = undefined | null | boolean | number | bigint | string | Float | Value[] | Dict;
export type Dict = Map<Key, Value>;

/**
 * An expression that cannot be computed, such as an attribute of an undefined name. Never thrown:
 * missing fields are the normal path, so faults are ordinary results, made once where that is possible.
 */
export class Fault {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export type Result = Value | Fault;
