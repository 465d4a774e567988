import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { ReceivedEvent } from "./decode.ts";

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

export type EventQuery = {
  readonly intakeKey?: string | undefined;
  /** A text that the raw event holds, exact in every byte. */
  readonly contains?: string | undefined;
  /** Reception time, milliseconds since 1970, inclusive. */
  readonly sinceMs?: number | undefined;
  /** Reception time, milliseconds since 1970, exclusive. */
  readonly untilMs?: number | undefined;
  /** Only events older than this number: the last one of the page before. */
  readonly before?: number | undefined;
  /** `DEFAULT_LIMIT` unless given. */
  readonly limit?: number | undefined;
};

export type EventStore = {
  /** Stores all events or, if it throws, none. */
  insert(events: readonly ReceivedEvent[], eventIds: readonly string[], receivedAtMs: number): void;
  /** Newest first. */
  find(query: EventQuery): readonly StoredEvent[];
  /** Stored events for each intake key. */
  countByKey(): ReadonlyMap<string, number>;
  close(): void;
};

/** Turns a raw event into an ECS event as JSON text; undefined when no format is chosen for the key. */
export type ParseEvent = (raw: string, intakeKey: string) => string | undefined;

/** Events of one page of a search. */
export const DEFAULT_LIMIT = 100;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    intake_key TEXT NOT NULL,
    raw TEXT NOT NULL,
    ecs TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_key ON events (intake_key);
  CREATE INDEX IF NOT EXISTS events_by_reception ON events (received_at_ms);
`;

/**
 * Opens the events' database, made if it is missing.
 * @param path A file, or `:memory:`.
 */
export function openStore(path: string, parse: ParseEvent | undefined): EventStore {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  const begin = database.prepare("BEGIN");
  const commit = database.prepare("COMMIT");
  const insert = database.prepare(
    "INSERT INTO events (event_id, received_at_ms, intake_key, raw, ecs) VALUES (?, ?, ?, ?, ?)",
  );
  return {
    insert(events, eventIds, receivedAtMs) {
      begin.run();
      try {
        for (const [index, { intakeKey, raw }] of events.entries()) {
          insert.run(eventIds[index] ?? "", receivedAtMs, intakeKey, raw, parse?.(raw, intakeKey) ?? null);
        }
        commit.run();
      } catch (cause) {
        database.exec("ROLLBACK");
        throw cause;
      }
    },
    find(query) {
      const { where, values } = conditionsOf(query);
      return database
        .prepare(`SELECT * FROM events ${where} ORDER BY number DESC LIMIT ?`)
        .all(...values, query.limit ?? DEFAULT_LIMIT)
        .map(storedEvent);
    },
    countByKey() {
      const rows = database.prepare("SELECT intake_key, count(*) AS events FROM events GROUP BY 1").all();
      return new Map(rows.map((row) => [String(row["intake_key"]), Number(row["events"])]));
    },
    close() {
      database.close();
    },
  };
}

function conditionsOf(query: EventQuery): { where: string; values: SQLInputValue[] } {
  const conditions: [string, SQLInputValue | undefined][] = [
    ["intake_key = ?", query.intakeKey],
    ["instr(raw, ?) > 0", query.contains],
    ["received_at_ms >= ?", query.sinceMs],
    ["received_at_ms < ?", query.untilMs],
    ["number < ?", query.before],
  ];
  const terms: string[] = [];
  const values: SQLInputValue[] = [];
  for (const [term, value] of conditions) {
    if (value !== undefined) {
      terms.push(term);
      values.push(value);
    }
  }
  return { where: terms.length === 0 ? "" : `WHERE ${terms.join(" AND ")}`, values };
}

function storedEvent(row: Readonly<Record<string, unknown>>): StoredEvent {
  const ecs = row["ecs"];
  return {
    number: Number(row["number"]),
    eventId: String(row["event_id"]),
    receivedAtMs: Number(row["received_at_ms"]),
    intakeKey: String(row["intake_key"]),
    raw: String(row["raw"]),
    ecs: typeof ecs === "string" ? ecs : null,
  };
}
