import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ReceivedEvent } from "./decode.ts";
import { hasLeaf, readEvent, valuesAt } from "./event-json.ts";
import type { Verify } from "./index/column-rows.ts";
import { EventIndex } from "./index/event-index.ts";
import type { Found, NumberRange } from "./index/search.ts";
import { KEY_FIELD } from "./index/segment-builder.ts";
import { withMessage } from "./parse.ts";
import type { Processed } from "./pipeline/messages.ts";
import { fold } from "./query/matcher.ts";
import { type Query, QueryInvalid } from "./query/query.ts";
import { prepareSchema } from "./schema.ts";

export type StoredEvent = {
  /** Rises by one from event to event; the cursor of a search. */
  readonly number: number;
  readonly eventId: string;
  /** Milliseconds since 1970 at which the intake took the event. */
  readonly receivedAtMs: number;
  readonly intakeKey: string;
  /** The event's text, exactly as it came. */
  readonly raw: string;
  /** The ECS event as JSON text; null when nothing parsed it. */
  readonly ecs: string | null;
};

/** A period of reception: milliseconds since 1970, `untilMs` exclusive. */
export type Period = { readonly sinceMs?: number | undefined; readonly untilMs?: number | undefined };

export type EventQuery = Period & {
  /** All events unless given. */
  readonly query?: Query | undefined;
  readonly intakeKey?: string | undefined;
  /** A text that the raw event holds, exact in every byte. */
  readonly contains?: string | undefined;
  /** Only events older than this number: the last one of the page before. */
  readonly before?: number | undefined;
  /** Only events newer than this number. */
  readonly after?: number | undefined;
  /** `DEFAULT_LIMIT` unless given. */
  readonly limit?: number | undefined;
};

export const DEFAULT_LIMIT = 100;
const FIND_ALL: Query = { kind: "all" };
/** Long values read whole for one search, so that none holds up the intake. */
const MAX_VERIFIED = 20_000;

/** Times of every so many events are kept, up to a bound. */
const KEPT_STEP = 64;
const MAX_KEPT_TIMES = 50_000;

const TOO_MANY_LONG =
  `More than ${MAX_VERIFIED.toLocaleString("en")} long values would have to be read whole for this search, so it was given up. ` +
  "Choose a shorter period, or add a word that fewer events have.";

const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 2000;
  PRAGMA mmap_size = 1073741824;
  PRAGMA temp_store = MEMORY;
`;

/**
 * Events in SQLite, in the order in which they came, with an index in segments of 8,192 events: each holds the values of
 * every field once, and where each word occurs. A search reads what it names, and no event but those of its page.
 */
export class EventStore {
  readonly database: DatabaseSync;
  readonly index: EventIndex;
  #lastReceivedAtMs: number;
  readonly #insert: StatementSync;
  readonly #insertParsed: StatementSync;
  readonly #progress: StatementSync;
  readonly #event: StatementSync;
  readonly #eventById: StatementSync;
  readonly #time: StatementSync;
  readonly #number: StatementSync;
  #last: number;
  #parsedUpTo: number;
  /** Reception times of some events. */
  readonly #times = new Map<number, number>();

  /**
   * Opens the events' database, made if it is missing.
   * @param path A file, or `:memory:`.
   */
  constructor(path: string) {
    this.database = new DatabaseSync(path);
    try {
      prepareSchema(this.database);
      this.database.exec(PRAGMAS);
    } catch (cause) {
      this.database.close();
      throw cause;
    }
    this.#insert = this.database.prepare(
      "INSERT INTO events (number, event_id, received_at_ms, intake_key, raw) VALUES (?, ?, ?, ?, ?)",
    );
    this.#insertParsed = this.database.prepare(
      "INSERT INTO parsed_events (number, is_message_raw, ecs) VALUES (?, ?, ?)",
    );
    this.#progress = this.database.prepare("UPDATE progress SET parsed_up_to = ?");
    const event = "SELECT * FROM events LEFT JOIN parsed_events USING (number)";
    this.#event = this.database.prepare(`${event} WHERE number = ?`);
    this.#eventById = this.database.prepare(`${event} WHERE event_id = ?`);
    this.#time = this.database.prepare("SELECT received_at_ms FROM events WHERE number = ?");
    this.#number = this.database.prepare("SELECT number FROM events WHERE event_id = ?");
    const newest = this.database
      .prepare("SELECT number, received_at_ms FROM events ORDER BY number DESC")
      .get();
    this.#last = Number(newest?.["number"] ?? 0);
    this.#lastReceivedAtMs = Number(newest?.["received_at_ms"] ?? 0);
    this.index = new EventIndex(this.database);
    this.#parsedUpTo = Number(
      this.database.prepare("SELECT parsed_up_to FROM progress").get()?.["parsed_up_to"] ?? 0,
    );
  }

  /**
   * Stores all events as they came or, if it throws, none.
   * @returns The number of the first one, and the time at which they came.
   */
  insert(
    events: readonly ReceivedEvent[],
    eventIds: readonly string[],
    nowMs: number,
  ): { readonly first: number; readonly receivedAtMs: number } {
    // Numbers and reception times rise together, whatever the clock does: a period is a range of numbers.
    const receivedAtMs = Math.max(nowMs, this.#lastReceivedAtMs);
    const first = this.#last + 1;
    this.#transaction(() => {
      for (const [index, { intakeKey, raw }] of events.entries()) {
        this.#insert.run(first + index, eventIds[index] ?? "", receivedAtMs, intakeKey, raw);
      }
    });
    this.#last += events.length;
    this.#lastReceivedAtMs = receivedAtMs;
    return { first, receivedAtMs };
  }

  /**
   * Stores what was made of events, all of it or, if it throws, nothing, and lets searches find them.
   * @param count Of the events; those that were parsed before are only indexed again, and bring no ECS events.
   * @param recordMore Writes what else belongs into the transaction.
   */
  record(first: number, count: number, result: Processed, recordMore: () => void): void {
    const { ecs, isMessageRaw, sealed, delta } = result;
    const commit: (() => void)[] = [];
    const parsedUpTo = Math.max(this.#parsedUpTo, first + count - 1);
    this.#transaction(() => {
      for (const [index, text] of ecs.entries()) {
        if (text !== null) {
          this.#insertParsed.run(first + index, isMessageRaw[index] ?? 0, text);
        }
      }
      if (parsedUpTo > this.#parsedUpTo) {
        this.#progress.run(parsedUpTo);
      }
      recordMore();
      let firstNumber = this.index.firstOpen;
      for (const parts of sealed) {
        commit.push(this.index.seal(firstNumber, parts));
        firstNumber += parts.rows;
      }
    });
    this.#parsedUpTo = parsedUpTo;
    for (const each of commit) {
      each();
    }
    this.index.apply(delta);
  }

  /** How many events are stored, which is the number of the newest one. */
  get storedCount(): number {
    return this.#last;
  }

  /** Up to this number events were parsed, or nothing could parse them. */
  get parsedUpTo(): number {
    return this.#parsedUpTo;
  }

  /** The number of the newest event that can be searched; 0 when there is none. */
  get lastNumber(): number {
    return this.index.next - 1;
  }

  /** Newest first. */
  find(query: EventQuery): readonly StoredEvent[] {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const { contains } = query;
    // A text inside of raw events is looked for from the newest on, page by page.
    const events: StoredEvent[] = [];
    for (const number of this.found(query).newest()) {
      if (events.length === limit) {
        break;
      }
      const event = this.event(number);
      if (event !== undefined && (contains === undefined || event.raw.includes(contains))) {
        events.push(event);
      }
    }
    return events;
  }

  /** @throws QueryInvalid for a pattern that cannot be used. */
  found({ query = FIND_ALL, intakeKey, before, after, ...period }: EventQuery): Found {
    const byTime = this.rangeOf(period);
    const range = {
      from: Math.max(byTime.from, (after ?? 0) + 1),
      to: Math.min(byTime.to, before ?? byTime.to),
    };
    const key: Query = {
      kind: "term",
      field: KEY_FIELD,
      match: { kind: "equals", text: intakeKey ?? "" },
    };
    const whole: Query = intakeKey === undefined ? query : { kind: "and", items: [key, query] };
    return this.index.find(whole, range, this.#verifier());
  }

  rangeOf({ sinceMs, untilMs }: Period): NumberRange {
    return {
      from: sinceMs === undefined ? 1 : this.numberAt(sinceMs),
      to: untilMs === undefined ? this.#last + 1 : this.numberAt(untilMs),
    };
  }

  /** The number of the first event that was received at this time or later. */
  numberAt(timeMs: number): number {
    // By steps that halve, so that searches look at the same few events, whose times are kept.
    let before = 0;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.#last))); step >= 1; step /= 2) {
      const number = before + step;
      if (number <= this.#last && this.#keptTime(number, step) < timeMs) {
        before = number;
      }
    }
    return before + 1;
  }

  #keptTime(number: number, step: number): number {
    const kept = this.#times.get(number);
    if (kept !== undefined) {
      return kept;
    }
    const timeMs = this.receivedAt(number);
    if (step >= KEPT_STEP && this.#times.size < MAX_KEPT_TIMES) {
      this.#times.set(number, timeMs);
    }
    return timeMs;
  }

  receivedAt(number: number): number {
    return Number(this.#time.get(number)?.["received_at_ms"] ?? 0);
  }

  event(number: number): StoredEvent | undefined {
    const row = this.#event.get(number);
    return row === undefined ? undefined : storedEvent(row);
  }

  numberOf(eventId: string): number | undefined {
    const number = this.#number.get(eventId)?.["number"];
    return number === undefined ? undefined : Number(number);
  }

  eventById(eventId: string): StoredEvent | undefined {
    const row = this.#eventById.get(eventId);
    return row === undefined ? undefined : storedEvent(row);
  }

  /** Fields of stored events and how many have each, the commonest first. */
  fields(): readonly { readonly field: string; readonly events: number }[] {
    const counts = new Map<string, number>();
    for (const segment of this.index.segments) {
      for (const field of segment.fields) {
        counts.set(field, (counts.get(field) ?? 0) + (segment.column(field)?.count ?? 0));
      }
    }
    return [...counts]
      .map(([field, events]) => ({ field, events }))
      .sort((a, b) => b.events - a.events || (a.field < b.field ? -1 : 1));
  }

  /** Stored events for each intake key. */
  countByKey(): ReadonlyMap<string, number> {
    const keys = new Map(
      this.found({})
        .values(KEY_FIELD, Number.MAX_SAFE_INTEGER)
        .map(({ value, events }) => [value, events]),
    );
    const rest = this.database.prepare(
      "SELECT intake_key, count(*) AS events FROM events WHERE number > ? GROUP BY intake_key",
    );
    for (const row of rest.all(this.lastNumber)) {
      const key = String(row["intake_key"]);
      keys.set(key, (keys.get(key) ?? 0) + Number(row["events"]));
    }
    return keys;
  }

  close(): void {
    this.database.close();
  }

  #transaction(write: () => void): void {
    this.database.exec("BEGIN");
    try {
      write();
      this.database.exec("COMMIT");
    } catch (cause) {
      // After some failures, such as a full disk, it is rolled back already.
      if (this.database.isTransaction) {
        this.database.exec("ROLLBACK");
      }
      throw cause;
    }
  }

  #verifier(): Verify {
    let left = MAX_VERIFIED;
    return (number, field, matcher) => {
      if (left-- <= 0) {
        throw new QueryInvalid(TOO_MANY_LONG, 0, 0);
      }
      const { ecs, raw } = this.event(number) ?? { ecs: null, raw: "" };
      const isMatch = (value: unknown) => matcher.test(String(value), fold(String(value)));
      if (ecs === null) {
        return isMatch(raw);
      }
      const event = readEvent(ecs);
      return field === undefined ? hasLeaf(event, isMatch) : valuesAt(event, field).some(isMatch);
    };
  }
}

function storedEvent(row: Readonly<Record<string, unknown>>): StoredEvent {
  const [ecs, raw] = [row["ecs"], String(row["raw"])];
  return {
    number: Number(row["number"]),
    eventId: String(row["event_id"]),
    receivedAtMs: Number(row["received_at_ms"]),
    intakeKey: String(row["intake_key"]),
    raw,
    ecs: typeof ecs === "string" ? withMessage(ecs, row["is_message_raw"] === 1 ? raw : undefined) : null,
  };
}
