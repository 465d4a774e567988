/** Names, attributes, subscripts and slices → closures. */

import type { Evaluate } from "../contract/program.ts";
import type { Expression } from "../contract/template-tree.ts";
import { Fault, Lazy, type Result, Tuple, type Value } from "../contract/value.ts";
import { toKey } from "../values/compare.ts";
import { isInteger } from "../values/numbers.ts";

/** Stands in a local slot whose `set` has not run. */
export const UNSET = new Fault("the name is not set");

/** A name: a local one once it is set, else the layer. */
export function compileName(locals: readonly number[], layer: number | undefined): Evaluate {
  const [first] = locals;
  if (first === undefined) {
    return layer === undefined ? () => undefined : (context) => context.layers[layer];
  }
  return (context) => {
    for (const slot of locals) {
      const value = context.locals[slot];
      if (value !== UNSET) {
        return value;
      }
    }
    return layer === undefined ? undefined : context.layers[layer];
  };
}

/** `value.key`: a dict's entry. An attribute that no dict has is undefined, but an undefined name has none at all. */
export function compileAttributes(of: Evaluate, keys: readonly string[]): Evaluate {
  const [first = ""] = keys;
  const fault = new Fault(`the value before ".${first}" is undefined`);
  if (keys.length === 1) {
    return (context) => {
      const value = of(context);
      if (value instanceof Map) {
        return value.get(first);
      }
      return attributeOfOther(value, fault);
    };
  }
  const walk = walker(keys);
  return (context) => walk(of(context));
}

/** `stage.key.key`, of a name that is not local: most of what templates read. */
export function compileLayerAttributes(slot: number, keys: readonly string[]): Evaluate {
  const walk = walker(keys);
  const [first = "", second] = keys;
  if (keys.length !== 2 || second === undefined) {
    return (context) => walk(context.layers[slot]);
  }
  return (context) => {
    const layer = context.layers[slot];
    const value = layer instanceof Map ? layer.get(first) : undefined;
    return value instanceof Map ? value.get(second) : walk(layer);
  };
}

function walker(keys: readonly string[]): (value: Result) => Result {
  const faults = keys.map((key) => new Fault(`the value before ".${key}" is undefined`));
  return (from) => {
    let value = from;
    for (let i = 0; i < keys.length; i++) {
      if (value instanceof Map) {
        value = value.get(keys[i] ?? "");
      } else {
        value = attributeOfOther(value, faults[i] ?? UNSET);
        if (value instanceof Fault) {
          return value;
        }
      }
    }
    return value;
  };
}

function attributeOfOther(value: Result, fault: Fault): Result {
  if (value === undefined) {
    return fault;
  }
  return value instanceof Fault ? value : undefined;
}

const UNDEFINED_SUBSCRIPT = new Fault("an undefined value has no items");

/** `value[index]`; what is not there is undefined. */
export function subscript(value: Value, index: Value): Result {
  if (value === undefined) {
    return UNDEFINED_SUBSCRIPT;
  }
  if (value instanceof Map) {
    const key = toKey(index);
    return key === undefined ? undefined : value.get(key);
  }
  const at = typeof index === "boolean" ? Number(index) : index;
  if ((typeof value !== "string" && !Array.isArray(value)) || !isInteger(at)) {
    return undefined;
  }
  if (value instanceof Lazy) {
    return undefined;
  }
  return (typeof value === "string" ? charactersOf(value) : value).at(Number(at));
}

/** Python counts characters, not UTF-16 units. */
function charactersOf(text: string): string | string[] {
  return /[\ud800-\udbff]/.test(text) ? [...text] : text;
}

const NO_SLICE = new Fault("only texts and lists can be sliced, by whole numbers");

/** `value[start:stop:step]`. */
export function slice(value: Value, start: Value, stop: Value, step: Value): Result {
  if ((typeof value !== "string" && !Array.isArray(value)) || value instanceof Lazy) {
    return NO_SLICE;
  }
  const from = bound(start);
  const to = bound(stop);
  const by = bound(step) ?? 1;
  if (from === null || to === null || by === null || by === 0) {
    return NO_SLICE;
  }
  if (value instanceof Tuple) {
    const items = slice([...value], start, stop, step);
    return Array.isArray(items) ? Tuple.holding(items) : items;
  }
  const characters = typeof value === "string" ? charactersOf(value) : value;
  if (typeof value === "string" && Array.isArray(characters)) {
    const part = slice(characters, start, stop, step);
    return Array.isArray(part) ? part.join("") : part;
  }
  if (by === 1) {
    return value.slice(from ?? 0, to ?? value.length);
  }
  const indices = steppedIndices(value.length, from, to, by);
  return typeof value === "string"
    ? indices.map((i) => value.charAt(i)).join("")
    : indices.map((i) => value[i]);
}

/** A slice's bound: undefined when it is left out, null when it is not a number. */
function bound(value: Value): number | undefined | null {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value === "boolean") {
    return Number(value);
  }
  return isInteger(value) ? Number(value) : null;
}

function steppedIndices(
  length: number,
  from: number | undefined,
  to: number | undefined,
  by: number,
): number[] {
  const clamp = (index: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, index < 0 ? index + length : index));
  const indices: number[] = [];
  if (by > 0) {
    const end = to === undefined ? length : clamp(to, 0, length);
    for (let i = from === undefined ? 0 : clamp(from, 0, length); i < end; i += by) {
      indices.push(i);
    }
  } else {
    const end = to === undefined ? -1 : clamp(to, -1, length - 1);
    for (let i = from === undefined ? length - 1 : clamp(from, -1, length - 1); i > end; i += by) {
      indices.push(i);
    }
  }
  return indices;
}

/** The name and the keys of `name.a.0.b`, numbers among them; undefined when the expression is anything else. */
export function dottedPath(node: Expression): { of: Expression; keys: string[] } | undefined {
  const keys: string[] = [];
  let of = node;
  while (of.kind === "attribute") {
    keys.unshift(of.name);
    of = of.of;
  }
  return of.kind === "name" && keys.length > 0 ? { of, keys } : undefined;
}

/** The keys of `name.a.b.c`, and what stands before them. Numbers as attributes, as in `a.0`, end it. */
export function attributeChain(node: Expression): { of: Expression; keys: string[] } {
  const keys: string[] = [];
  let of = node;
  while (of.kind === "attribute" && !/^\d/.test(of.name)) {
    keys.unshift(of.name);
    of = of.of;
  }
  return { of, keys };
}
