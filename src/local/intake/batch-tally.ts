import { MAX_EVENT_BYTES } from "./limits.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_ARRAY = 0x5d;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

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

/** Counts the strings of the array whose first item begins at `at`. */
function countStrings(body: Buffer, at: number): number | undefined {
  let strings = 0;
  for (;;) {
    const code = body[at];
    if (code === QUOTE) {
      const start = at + 1;
      at = stringEnd(body, start);
      if (at === body.length || at - start > MAX_EVENT_BYTES) {
        return undefined;
      }
      strings += 1;
      at += 1;
    } else if (code === COMMA || (code !== undefined && code <= SPACE)) {
      at += 1;
    } else {
      return code === CLOSE_ARRAY ? strings : undefined;
    }
  }
}

function stringEnd(body: Buffer, at: number): number {
  while (at < body.length && body[at] !== QUOTE) {
    at += body[at] === BACKSLASH ? 2 : 1;
  }
  return Math.min(at, body.length);
}
