import { parseQuery } from "./query/parse-query.ts";
import { Refusal } from "./refusal.ts";
import type { EventQuery, StoredEvent } from "./store.ts";

const MAX_LIMIT = 10_000;

/**
 * Reads the filters of a search: `query` (the search language), `intake_key`, `contains`, `since`, `until` (reception
 * time, ISO 8601 or milliseconds since 1970), `before` (a `next` of an earlier answer), `limit`.
 * @param more Further parameters that the endpoint knows.
 * @throws Refusal 400 for an unknown filter or a value that cannot be read; QueryInvalid for the query.
 */
export function readQuery(parameters: URLSearchParams, more: readonly string[] = []): EventQuery {
  for (const name of parameters.keys()) {
    if (!FILTERS.has(name) && !more.includes(name)) {
      throw new Refusal(400, `unknown filter ${name}; known are ${[...FILTERS, ...more].join(", ")}`);
    }
  }
  return {
    query: parseQuery(parameters.get("query") ?? ""),
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
    events: events.map(eventAnswer),
    next: last !== undefined && events.length === limit ? last.number : null,
  };
}

/** An event as the answers hold it. */
export function eventAnswer(event: StoredEvent): unknown {
  return {
    number: event.number,
    event_id: event.eventId,
    received_at: new Date(event.receivedAtMs).toISOString(),
    intake_key: event.intakeKey,
    raw: event.raw,
    ecs: event.ecs === null ? null : (JSON.parse(event.ecs) as unknown),
  };
}

const FILTERS = new Set(["query", "intake_key", "contains", "since", "until", "before", "limit"]);

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

export function countOf(parameters: URLSearchParams, name: string, max: number): number | undefined {
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
