import { setTimeout as wait } from "node:timers/promises";
import { fold } from "./query/matcher.ts";
import { Refusal } from "./refusal.ts";
import { countOf, eventAnswer, eventsPage, readQuery } from "./search.ts";
import { DEFAULT_LIMIT, type EventQuery, type EventStore } from "./store.ts";

/** A whole answer, or texts that go out as they come, until the reader leaves. */
export type SearchAnswer = JsonAnswer | StreamAnswer;
type JsonAnswer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};
type StreamAnswer = { readonly type: string; texts(signal: AbortSignal): AsyncIterable<string> };

const DEFAULT_BUCKETS = 60;
const MAX_BUCKETS = 500;
const MAX_VALUES = 1000;
const EXPORT_PAGE = 500;
const TAIL_EVERY_MS = 100;
/** A line stays alive, and a reader that left is noticed. */
const KEEP_ALIVE_MS = 15_000;
/** Events told at once; of more, the newest. */
const TAIL_PAGE = 100;

export function isStream(answer: SearchAnswer): answer is StreamAnswer {
  return "texts" in answer;
}

/**
 * What the intake holds: `/events`, `/events/histogram`, `/events/values`, `/events/fields`, `/events/tail` (server-sent
 * events), `/events/export` (JSON lines) and `/events/EVENT-ID`.
 * @throws Refusal, QueryInvalid
 */
export function answerSearch(store: EventStore, path: string, parameters: URLSearchParams): SearchAnswer {
  switch (path) {
    case "/events": {
      const query = readQuery(parameters);
      return { status: 200, body: eventsPage(store.find(query), query.limit ?? DEFAULT_LIMIT) };
    }
    case "/events/histogram": {
      const buckets = countOf(parameters, "buckets", MAX_BUCKETS) ?? DEFAULT_BUCKETS;
      return { status: 200, body: histogram(store, readQuery(parameters, ["buckets"]), buckets) };
    }
    case "/events/values":
      return { status: 200, body: values(store, parameters) };
    case "/events/fields":
      return { status: 200, body: { fields: store.fields() } };
    case "/events/export": {
      const query = readQuery(parameters);
      return { type: "application/x-ndjson", texts: () => exported(store, query) };
    }
    case "/events/tail": {
      const query = readQuery(parameters);
      return { type: "text/event-stream", texts: (signal) => tail(store, query, signal) };
    }
    default: {
      const event = store.eventById(path.slice("/events/".length));
      if (event === undefined) {
        throw new Refusal(404, "no event has this id");
      }
      return { status: 200, body: eventAnswer(event) };
    }
  }
}

/** Events a bucket of reception time; the whole of what is stored unless a period is given. */
export function histogram(store: EventStore, query: EventQuery, buckets: number) {
  const found = store.found(query);
  const last = store.lastNumber;
  const fromMs = query.sinceMs ?? (last === 0 ? 0 : store.receivedAt(1));
  const toMs = Math.max(fromMs + 1, query.untilMs ?? (last === 0 ? 1 : store.receivedAt(last) + 1));
  const bucketMs = Math.max(1, Math.ceil((toMs - fromMs) / Math.max(1, buckets)));
  const count = Math.ceil((toMs - fromMs) / bucketMs);
  const bounds = Array.from({ length: count }, (_, index) => store.numberAt(fromMs + index * bucketMs));
  bounds.push(store.numberAt(toMs));
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    bucket_ms: bucketMs,
    events: found.counts(bounds),
    total: found.total,
  };
}

function values(store: EventStore, parameters: URLSearchParams): unknown {
  const query = readQuery(parameters, ["field", "prefix"]);
  const fields = parameters.getAll("field");
  if (fields.length === 0) {
    throw new Refusal(400, "field is missing; name the field whose values are wanted");
  }
  const prefix = fold(parameters.get("prefix") ?? "");
  const limit = Math.min(query.limit ?? DEFAULT_LIMIT, MAX_VALUES);
  const found = store.found(query);
  return { facets: fields.map((field) => ({ field, values: found.values(field, limit, prefix) })) };
}

/** Every event that the search finds, newest first, a line each. */
async function* exported(store: EventStore, query: EventQuery): AsyncGenerator<string> {
  let left = query.limit ?? Number.MAX_SAFE_INTEGER;
  let before = query.before;
  while (left > 0) {
    const limit = Math.min(left, EXPORT_PAGE);
    const events = store.find({ ...query, before, limit });
    for (const event of events) {
      yield `${JSON.stringify(eventAnswer(event))}\n`;
    }
    before = events.at(-1)?.number;
    left -= events.length;
    if (events.length < limit) {
      return;
    }
    // Others have their turn between the pages.
    await wait(0);
  }
}

/** `data: {"events": […], "total": n}` for what came since the last one; of a burst the newest hundred. */
async function* tail(store: EventStore, query: EventQuery, signal: AbortSignal): AsyncGenerator<string> {
  let seen = store.lastNumber;
  let saidAtMs = performance.now();
  yield ": the tail begins\n\n";
  while (!signal.aborted) {
    await wait(TAIL_EVERY_MS, undefined, { signal }).catch(() => undefined);
    const last = store.lastNumber;
    if (last > seen && !signal.aborted) {
      const wanted = { ...query, after: seen, before: last + 1, limit: TAIL_PAGE };
      const total = store.found(wanted).total;
      seen = last;
      if (total > 0) {
        saidAtMs = performance.now();
        yield `data: ${JSON.stringify({ events: store.find(wanted).map(eventAnswer), total })}\n\n`;
      }
    }
    if (performance.now() - saidAtMs > KEEP_ALIVE_MS) {
      saidAtMs = performance.now();
      yield ": still here\n\n";
    }
  }
}
