import { MAX_EVENT_BYTES } from "./limits.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
const LETTER_U = 0x75;
/** What may follow a backslash besides `u`. */
const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const WHITE_SPACE = new Set(Buffer.from(" \t\n\r"));

/** The head that senders write: the key first, then the events. */
const HEAD = /^\{\s*"intake_key"\s*:\s*"([^"\\]+)"\s*,\s*"jsons"\s*:\s*\[/;
const HEAD_MAX_BYTES = 512;

export type BatchTally = { readonly intakeKey: string; readonly events: number };

/**
 * Counts the events of a `/batch` body without parsing it, for a sink that keeps nothing.
 * @param body UTF-8 text.
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

/** Counts the strings of the array whose first item begins at `first`; undefined when the body holds anything else. */
function countStrings(body: Buffer, first: number): number | undefined {
  let at = afterSpace(body, first);
  let events = 0;
  if (body[at] !== CLOSE_ARRAY) {
    for (;;) {
      if (body[at] !== QUOTE) {
        return undefined;
      }
      at = stringEnd(body, at + 1);
      if (at < 0) {
        return undefined;
      }
      events += 1;
      at = afterSpace(body, at);
      if (body[at] === CLOSE_ARRAY) {
        break;
      }
      if (body[at] !== COMMA) {
        return undefined;
      }
      at = afterSpace(body, at + 1);
    }
  }
  at = afterSpace(body, at + 1);
  return body[at] === CLOSE_OBJECT && afterSpace(body, at + 1) === body.length ? events : undefined;
}

/** The place behind the closing quote; -1 when there is none, the string is too large, or has escapes of surrogates. */
function stringEnd(body: Buffer, start: number): number {
  let at = start;
  let saved = 0;
  for (; at < body.length; at++) {
    const byte = body[at] as number;
    if (byte === QUOTE) {
      return at - start - saved > MAX_EVENT_BYTES ? -1 : at + 1;
    }
    if (byte < SPACE) {
      return -1;
    }
    if (byte !== BACKSLASH) {
      continue;
    }
    at += 1;
    if (body[at] !== LETTER_U) {
      if (!ESCAPES.has(body[at] as number)) {
        return -1;
      }
      saved += 1;
      continue;
    }
    const digits = body.toString("latin1", at + 1, at + 5);
    if (!/^[0-9a-f]{4}$/i.test(digits) || /^d[89a-f]/i.test(digits)) {
      return -1;
    }
    const code = Number.parseInt(digits, 16);
    saved += code < 0x80 ? 5 : code < 0x800 ? 4 : 3;
    at += 4;
  }
  return -1;
}

function afterSpace(body: Buffer, from: number): number {
  let at = from;
  while (WHITE_SPACE.has(body[at] as number)) {
    at += 1;
  }
  return at;
}
