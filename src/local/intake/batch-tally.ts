import { textEngineFor } from "../../connector/scan/engine.ts";
import { MAX_EVENT_BYTES } from "./limits.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_ARRAY = 0x5d;
const SPACE = 0x20;
/** With its quotes; what is escaped in it only makes it shorter. */
const MAX_STRING_BYTES = MAX_EVENT_BYTES + 2;

/** The head that senders write: the key first, then the events. */
const HEAD = /^\{\s*"intake_key"\s*:\s*"([^"\\]+)"\s*,\s*"jsons"\s*:\s*\[/;
const HEAD_MAX_BYTES = 512;

export type BatchTally = { readonly intakeKey: string; readonly events: number };

/**
 * Counts the events of a `/batch` body without parsing it, for a sink that keeps nothing.
 * @returns undefined when the body is not of the plain form, or an event may be too large: then it must be parsed.
 */
export function tallyBatch(body: Buffer): BatchTally | undefined {
  const head = HEAD.exec(body.toString("latin1", 0, HEAD_MAX_BYTES));
  const intakeKey = head?.[1];
  if (head === null || intakeKey === undefined) {
    return undefined;
  }
  const events = countStrings(body, head[0].length);
  return events === undefined ? undefined : { intakeKey, events };
}

/** Counts the strings of the array whose first item begins at `first`; undefined when it holds anything else. */
function countStrings(body: Buffer, first: number): number | undefined {
  const last = body.lastIndexOf(CLOSE_ARRAY);
  if (last < first) return undefined;
  const engine = textEngineFor(body.length);
  const { bytes } = engine;
  const start = engine.place(body, first - 1, last + 1);
  const end = start + last + 2 - first;
  if (engine.scan(start, end) !== "records") return undefined;
  const { count } = engine;
  let before = start + 1;
  for (let index = 0; index < count; index++) {
    const [from, to] = [engine.start(index), engine.end(index)];
    if (bytes[from] !== QUOTE || to - from > MAX_STRING_BYTES) return undefined;
    if (!isBetween(bytes, before, from)) return undefined;
    before = to;
  }
  return isBetween(bytes, before, end - 1) ? count : undefined;
}

/** Whether nothing but commas and white space lies there: the scan leaves `null` out. */
function isBetween(bytes: Buffer, from: number, to: number): boolean {
  for (; from < to; from++) {
    const byte = bytes[from] as number;
    if (byte > SPACE && byte !== COMMA) return false;
  }
  return true;
}
