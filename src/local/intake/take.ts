import { tallyBatch } from "./batch-tally.ts";
import type { Counts } from "./counts.ts";
import { decodeEvents, type Endpoint, isSingle, type ReceivedEvent } from "./decode.ts";
import { mintEventIds } from "./event-ids.ts";
import { judgeEvents, type Rejection, type Rules } from "./judge.ts";
import { Refusal } from "./refusal.ts";

export type Taken = { readonly status: number; readonly body: unknown };

type Storing = {
  insert(events: readonly ReceivedEvent[], eventIds: readonly string[], nowMs: number): void;
};

export type Taking = {
  readonly rules: Rules;
  /** undefined: the events are counted and let go. */
  readonly store: Storing | undefined;
  readonly counts: Counts;
  readonly onAccepted: ((raw: string) => void) | undefined;
};

/**
 * Takes the events of one request and forms the answer.
 *
 * The intake's documentation leaves its codes open beyond "413 only when all were rejected". Ours: 200 with the
 * ids of the accepted events in order and, when some were rejected, `errors: [{index, reason}]` beside them; 413
 * when every event was too large; 401 when every key was unknown; 400 when the one event of `/` or `/plain` was
 * rejected otherwise.
 * @throws Refusal when the request as a whole cannot be taken.
 */
export function takeEvents(
  endpoint: Endpoint,
  body: Buffer,
  key: string | undefined,
  { rules, store, counts, onAccepted }: Taking,
): Taken {
  if (
    store === undefined &&
    endpoint === "/batch" &&
    rules.reasonOf === undefined &&
    onAccepted === undefined
  ) {
    const tally = tallyBatch(body);
    if (tally !== undefined && rules.keys?.has(tally.intakeKey) !== false) {
      counts.accepted(tally.intakeKey, tally.events);
      return { status: 200, body: { event_ids: mintEventIds(tally.events) } };
    }
  }
  const events = decodeEvents(endpoint, body, key);
  if (events.length === 0 && isKeyUnknown(endpoint, body, rules)) {
    throw new Refusal(401, "unknown intake key");
  }
  const { accepted, rejected } = judgeEvents(events, rules);
  const eventIds = mintEventIds(accepted.length);
  if (accepted.length > 0) {
    store?.insert(accepted, eventIds, Date.now());
  }
  for (const { intakeKey, raw } of accepted) {
    counts.accepted(intakeKey, 1);
    onAccepted?.(raw);
  }
  counts.rejected(rejected.length);
  const errors = rejected.map(({ index, reason }) => ({ index, reason }));
  const status = accepted.length > 0 ? 200 : statusOf(rejected, isSingle(endpoint));
  if (status !== 200) {
    return { status, body: { error: rejected[0]?.reason, errors } };
  }
  if (isSingle(endpoint)) {
    return { status, body: { event_id: eventIds[0] } };
  }
  return { status, body: { event_ids: eventIds, ...(errors.length > 0 && { errors }) } };
}

/** A batch without events still names a key. */
function isKeyUnknown(endpoint: Endpoint, body: Buffer, { keys }: Rules): boolean {
  if (endpoint !== "/batch" || keys === undefined) {
    return false;
  }
  const { intake_key: key } = JSON.parse(body.toString("utf8")) as { intake_key: string };
  return !keys.has(key);
}

/** The status of an answer that accepted nothing. */
function statusOf(rejected: readonly Rejection[], single: boolean): number {
  for (const status of [401, 413] as const) {
    if (rejected.length > 0 && rejected.every((rejection) => rejection.status === status)) {
      return status;
    }
  }
  return single ? 400 : 200;
}
