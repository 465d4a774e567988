import type { ReceivedEvent } from "./decode.ts";
import { MAX_EVENT_BYTES } from "./limits.ts";

/** Why one event of a request was not taken. */
export type Rejection = {
  /** The event's place in the request, from 0. */
  readonly index: number;
  /** The status of the whole answer when every event was rejected for this reason. */
  readonly status: 401 | 413 | 400;
  readonly reason: string;
};

export type Judgement = {
  readonly accepted: readonly ReceivedEvent[];
  readonly rejected: readonly Rejection[];
};

export type Rules = {
  /** undefined: every key is known. */
  readonly keys: ReadonlySet<string> | undefined;
  /** An ordered rejection. */
  readonly reasonOf: ((raw: string) => string | undefined) | undefined;
};

/** Parts the events that the intake takes from those that it rejects, one by one. */
export function judgeEvents(events: readonly ReceivedEvent[], rules: Rules): Judgement {
  const accepted: ReceivedEvent[] = [];
  const rejected: Rejection[] = [];
  for (const [index, event] of events.entries()) {
    const rejection = rejectionOf(event, rules);
    if (rejection === undefined) {
      accepted.push(event);
    } else {
      rejected.push({ index, ...rejection });
    }
  }
  return { accepted, rejected };
}

function rejectionOf({ intakeKey, raw }: ReceivedEvent, rules: Rules): Omit<Rejection, "index"> | undefined {
  if (rules.keys?.has(intakeKey) === false) {
    return { status: 401, reason: "unknown intake key" };
  }
  const bytes = Buffer.byteLength(raw);
  if (bytes > MAX_EVENT_BYTES) {
    return { status: 413, reason: `the event has ${bytes} bytes; at most ${MAX_EVENT_BYTES} are accepted` };
  }
  if (!raw.isWellFormed()) {
    return { status: 400, reason: "the event holds half a surrogate pair, which no UTF-8 text can" };
  }
  const reason = rules.reasonOf?.(raw);
  return reason === undefined ? undefined : { status: 400, reason };
}
