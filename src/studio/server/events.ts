import type { Static } from "typebox";
import type { FormatInUse } from "../../local/intake/format-in-use.ts";
import { parseQuery } from "../../local/intake/query/parse-query.ts";
import { QueryInvalid } from "../../local/intake/query/query.ts";
import { histogram } from "../../local/intake/search-api.ts";
import type { LocalIntake } from "../../local/intake/server.ts";
import type { EventQuery, EventStore, StoredEvent } from "../../local/intake/store.ts";
import type {
  EventDetail,
  Facets,
  FieldNames,
  FieldValues,
  Histogram,
  Hit,
  Hits,
  SearchParameters,
} from "../contract/events.ts";
import type { Field } from "../contract/shared.ts";
import { hintOf } from "./playbook.ts";
import { Refused } from "./problem.ts";

type Search = Static<typeof SearchParameters>;
const KEY_FIELDS = ["customer.intake_key", "sekoiaio.intake.key"];
const FACETS = ["action.type", "user.name", "host.name"];
const MORE_FACETS = ["event.dataset", "event.category", "source.ip", "action.outcome", "log.level"];
const FACET_VALUES = 8;
const COMPLETIONS = 20;
const BUCKETS = 60;
const PAGE = 100;
const MAX_RAW_CHARS = 256 * 1024;
const MAX_DESCRIPTION_CHARS = 500;
const MAX_JSON_CHARS = 20_000;
const MAX_FIELDS = 5000;
const PERIODS: Readonly<Record<string, number>> = {
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 7 * 86_400_000,
  "30d": 30 * 86_400_000,
};

export type EventsOptions = {
  readonly intake: Pick<LocalIntake, "store" | "alerts">;
  readonly format: FormatInUse;
};

/** The page Events over the local intake's store. */
export class Events {
  readonly store: EventStore;
  readonly #alerts: LocalIntake["alerts"];
  readonly #format: FormatInUse;

  constructor({ intake, format }: EventsOptions) {
    this.store = intake.store;
    this.#alerts = intake.alerts;
    this.#format = format;
  }

  hits(search: Search & { cursor?: string; limit?: number }): Static<typeof Hits> {
    const started = performance.now();
    const limit = search.limit ?? PAGE;
    const before = search.cursor === undefined ? undefined : Number(search.cursor);
    if (Number.isNaN(before)) {
      throw new Refused("bad-request", "The cursor is not one of this search.");
    }
    const events = asked(() => this.store.find({ ...queryOf(search), before, limit }));
    const last = events.at(-1);
    return {
      hits: events.map((event) => this.hit(event)),
      next: last !== undefined && events.length === limit ? String(last.number) : null,
      tookMs: performance.now() - started,
    };
  }

  histogram(search: Search): Static<typeof Histogram> {
    const started = performance.now();
    const query = queryOf(search);
    const period = query.sinceMs === undefined ? query : { ...query, untilMs: query.untilMs ?? Date.now() };
    const {
      from,
      to,
      bucket_ms: bucketMs,
      events,
      total,
    } = asked(() => histogram(this.store, period, BUCKETS));
    return { from, to, bucketMs, events: [...events], total, tookMs: performance.now() - started };
  }

  facets(search: Search): Static<typeof Facets> {
    const found = asked(() => this.store.found(queryOf(search)));
    const facetOf = (path: string) => ({ path, values: [...found.values(path, FACET_VALUES)] });
    const first = FACETS.map(facetOf).filter(({ values }) => values.length > 0);
    const more = MORE_FACETS.map(facetOf).filter(({ values }) => values.length > 1);
    return { facets: [...first, ...more].slice(0, 5), ofNewest: null };
  }

  fields(): Static<typeof FieldNames> {
    return {
      fields: this.store.fields().map(({ field, events }) => ({ path: field, type: "keyword", events })),
    };
  }

  values(field: string, prefix = ""): Static<typeof FieldValues> {
    const isKey = KEY_FIELDS.includes(field);
    const found = this.store
      .found({})
      .values(isKey ? (KEY_FIELDS[0] ?? "") : field, COMPLETIONS, isKey ? "" : prefix.toLowerCase());
    return {
      values: found.map(({ value }) => (isKey ? hintOf(value) : value)).filter((value) => value !== ""),
    };
  }

  byId(id: string): StoredEvent {
    const event = this.store.eventById(id);
    if (event === undefined) {
      throw new Refused("not-found", "The local intake holds no event with this id.");
    }
    return event;
  }

  detail(id: string): Static<typeof EventDetail> {
    const event = this.#format.current(this.byId(id));
    const hint = hintOf(event.intakeKey);
    const fields = event.ecs === null ? [] : fieldsOf(event.ecs);
    const key = { path: KEY_FIELDS[1] ?? "", json: JSON.stringify(hint), isCut: false };
    return {
      hit: this.hit(event),
      fields: fields.length === 0 ? [] : [...fields, key],
      raw: event.raw.slice(0, MAX_RAW_CHARS),
      rawBytes: Buffer.byteLength(event.raw),
      isRawCut: event.raw.length > MAX_RAW_CHARS,
      format: event.ecs === null ? null : this.#format.name,
      intakeKeyHint: hint,
    };
  }

  hit(stored: StoredEvent): Static<typeof Hit> {
    const event = this.#format.current(stored);
    const ecs = event.ecs === null ? {} : (JSON.parse(event.ecs) as Record<string, unknown>);
    const action = ecs["action"] as { type?: unknown } | undefined;
    const [timestamp, category] = [ecs["@timestamp"], action?.type];
    return {
      id: event.eventId,
      receivedAt: new Date(event.receivedAtMs).toISOString(),
      timestamp: typeof timestamp === "string" ? timestamp : null,
      category: typeof category === "string" ? category : null,
      description: this.#format.describe(event).slice(0, MAX_DESCRIPTION_CHARS),
      alerts: this.#alerts.stored
        .ofEvent(event.number)
        .map(({ id, ruleTitle, level }) => ({ id: String(id), rule: ruleTitle, level })),
    };
  }

  /** What came after `seen` and matches: the newest hundred, and how many there were. */
  since(seen: number, query: EventQuery): { readonly hits: Static<typeof Hit>[]; readonly events: number } {
    const wanted = { ...query, after: seen, before: this.store.lastNumber + 1, limit: PAGE };
    const events = this.store.found(wanted).total;
    return { hits: events === 0 ? [] : this.store.find(wanted).map((event) => this.hit(event)), events };
  }
}

/** @throws Refused `query` with the place in the search that cannot be read. */
export function queryOf({ q = "", period = "all", from, to }: Search): EventQuery {
  const query = asked(() => parseQuery(q));
  if (from !== undefined || to !== undefined) {
    return { query, sinceMs: timeOf(from), untilMs: timeOf(to) };
  }
  if (period === "all") {
    return { query };
  }
  const lengthMs = PERIODS[period];
  if (lengthMs === undefined) {
    throw new Refused(
      "bad-request",
      `There is no period ${period}; choose ${Object.keys(PERIODS).join(", ")} or all.`,
    );
  }
  return { query, sinceMs: Date.now() - lengthMs };
}

function timeOf(text: string | undefined): number | undefined {
  const timeMs = text === undefined ? undefined : Date.parse(text);
  if (Number.isNaN(timeMs)) {
    throw new Refused("bad-request", "A time is written as 2026-11-24T10:00:00Z.");
  }
  return timeMs;
}

export function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (thrown) {
    if (!(thrown instanceof QueryInvalid)) {
      throw thrown;
    }
    const { position, length } = thrown;
    // A search that asks for too much is wrong at no place.
    throw new Refused("query", thrown.message, length === 0 ? undefined : { position, length });
  }
}

/** The leaves of an event in the order of their paths, numbers as their text has them. */
export function fieldsOf(ecs: string): Static<typeof Field>[] {
  const fields: Static<typeof Field>[] = [];
  const walk = (value: unknown, path: string): void => {
    if (fields.length >= MAX_FIELDS) {
      return;
    }
    if (
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      !(value instanceof RawNumber)
    ) {
      for (const [key, item] of Object.entries(value)) {
        walk(item, path === "" ? key : `${path}.${key}`);
      }
      return;
    }
    const json = JSON.stringify(value, unwrapped) ?? "null";
    fields.push({ path, json: json.slice(0, MAX_JSON_CHARS), isCut: json.length > MAX_JSON_CHARS });
  };
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" && String(value) !== context?.source
      ? new RawNumber(context?.source ?? String(value))
      : value;
  walk(JSON.parse(ecs, exact), "");
  return fields.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A number whose text says more than a double can. */
class RawNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function unwrapped(_key: string, value: unknown): unknown {
  const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
  return value instanceof RawNumber ? raw(value.text) : value;
}
