/** An event → the texts of the fields that rules ask for, each folded once. */
import type { RuleEvent } from "../contract.ts";
import { fold } from "../values/fold.ts";

/** Nesting and values of an event that are looked at; deeper and further ones do not exist for rules. */
const MAX_DEPTH = 32;
const MAX_VALUES = 5_000;

export type FieldValues = {
  readonly field: string;
  readonly texts: string[];
  readonly folded: string[];
  /** Some value is null. */
  hasNull: boolean;
};

export class FieldNames {
  readonly #fields = new Map<string, number>();
  /** Paths above known fields. */
  readonly #above = new Set<string>();
  readonly names: string[] = [];

  /** @returns The field's number. */
  add(name: string): number {
    const known = this.#fields.get(name);
    if (known !== undefined) {
      return known;
    }
    const index = this.names.length;
    this.#fields.set(name, index);
    this.names.push(name);
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      this.#above.add(name.slice(0, dot));
    }
    return index;
  }

  get(name: string): number | undefined {
    return this.#fields.get(name);
  }

  isAbove(path: string): boolean {
    return this.#above.has(path);
  }
}

/** The known fields of one event. Paths and flat dotted keys, in any mixture, are the same. */
export class EventFields {
  readonly #event: RuleEvent;
  readonly #names: FieldNames;
  readonly #found = new Map<number, FieldValues>();
  #left = MAX_VALUES;
  #all: FieldValues | undefined;

  constructor(event: RuleEvent, names: FieldNames) {
    this.#event = event;
    this.#names = names;
    this.#walk(event, "", 0);
  }

  entries(): Iterable<[number, FieldValues]> {
    return this.#found.entries();
  }

  get(index: number): FieldValues | undefined {
    return this.#found.get(index);
  }

  /** Every text of the event, for keywords. */
  all(): FieldValues {
    if (this.#all === undefined) {
      this.#all = { field: "", texts: [], folded: [], hasNull: false };
      this.#left = MAX_VALUES;
      this.#collect(this.#event, this.#all, 0);
    }
    return this.#all;
  }

  #walk(value: object, prefix: string, depth: number): void {
    for (const key of Object.keys(value)) {
      const path = prefix === "" ? key : `${prefix}.${key}`;
      const index = this.#names.get(path);
      const isAbove = this.#names.isAbove(path);
      if (index !== undefined || isAbove) {
        const below = read(value, key);
        if (index !== undefined) {
          this.#note(index, path, below, 0);
        }
        if (isAbove) {
          this.#descend(below, path, depth + 1);
        }
      }
    }
  }

  #descend(value: unknown, path: string, depth: number): void {
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH || this.#left-- <= 0) {
      return;
    }
    if (Array.isArray(value)) {
      for (const item of value) {
        this.#descend(item, path, depth + 1);
      }
    } else {
      this.#walk(value, path, depth);
    }
  }

  #note(index: number, field: string, value: unknown, depth: number): void {
    if (value === undefined) {
      return;
    }
    let found = this.#found.get(index);
    if (found === undefined) {
      found = { field, texts: [], folded: [], hasNull: false };
      this.#found.set(index, found);
    }
    this.#collectFlat(value, found, depth);
  }

  /** A list's elements count each; an object only makes its field exist. */
  #collectFlat(value: unknown, into: FieldValues, depth: number): void {
    if (Array.isArray(value)) {
      if (depth < MAX_DEPTH) {
        for (const item of value) {
          this.#collectFlat(item, into, depth + 1);
        }
      }
    } else {
      this.#collectScalar(value, into);
    }
  }

  #collectScalar(value: unknown, into: FieldValues): void {
    const text = textOf(value);
    if (text === undefined) {
      into.hasNull ||= value === null;
    } else if (this.#left-- > 0) {
      into.texts.push(text);
      into.folded.push(fold(text));
    }
  }

  #collect(value: unknown, into: FieldValues, depth: number): void {
    if (typeof value !== "object" || value === null) {
      this.#collectScalar(value, into);
      return;
    }
    if (depth > MAX_DEPTH || this.#left-- <= 0) {
      return;
    }
    for (const key of Object.keys(value)) {
      this.#collect(read(value, key), into, depth + 1);
    }
  }
}

/** A getter that throws is not a value. */
function read(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    // Plain objects have no getters; of a hostile one only the field is lost.
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return undefined;
  }
}
