import { Refusal } from "./refusal.ts";
import type { EventQuery, StoredEvent } from "./store.ts";

const MAX_LIMIT = 10_000;

/**
 * Reads the filters of `GET /events`: `intake_key`, `contains`, `since`, `until` (reception time, ISO 8601 or
 * milliseconds since 1970), `before` (a `next` of an earlier answer), `limit`.
 * @throws Refusal 400 for an unknown filter or a value that cannot be read.
 */
export function readQuery(parameters: URLSearchParams): EventQuery {
  for (const name of parameters.keys()) {
    if (!FILTERS.has(name)) {
      throw new Refusal(400, `unknown filter ${name}; known are ${[...FILTERS].join(", ")}`);
    }
  }
  return {
    intakeKey: parameters.get("intake_key") ?? undefined,
    contains: parameters.get("contains") ?? undefined,
    sinceMs: timeOf(parameters, "since"),
    untilMs: timeOf(parameters, "until"),
    before: countOf(parameters, "before", Number.MAX_SAFE_INTEGER),
    limit: countOf(parameters, "limit", MAX_LIMIT),
  };
}

/**
 * The answer of `GET /events`.
 * @returns `next` is the `before` of the following page, null after the last one.
 */
export function eventsPage(events: readonly StoredEvent[], limit: number): unknown {
  const last = events.at(-1);
  return {
    events: events.map((event) => ({
      number: event.number,
      event_id: event.eventId,
      received_at: new Date(event.receivedAtMs).toISOString(),
      intake_key: event.intakeKey,
      raw: event.raw,
      ecs: event.ecs === null ? null : (JSON.parse(event.ecs) as unknown),
    })),
    next: last !== undefined && events.length === limit ? last.number : null,
  };
}

const FILTERS = new Set(["intake_key", "contains", "since", "until", "before", "limit"]);

function timeOf(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) {
    return undefined;
  }
  const timeMs = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(timeMs)) {
    throw new Refusal(400, `${name} must be an ISO 8601 time or milliseconds since 1970`);
  }
  return timeMs;
}

function countOf(parameters: URLSearchParams, name: string, max: number): number | undefined {
  const text = parameters.get(name);
  if (text === null) {
    return undefined;
  }
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > max) {
    throw new Refusal(400, `${name} must be a whole number of at most ${max}`);
  }
  return count;
}
