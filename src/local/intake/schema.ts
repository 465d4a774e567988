import type { DatabaseSync } from "node:sqlite";

/** Marks our files, so that no other program's database is written into ("EVHI"). */
const APPLICATION_ID = 0x45_56_48_49;
const VERSION = 5;

const ALERTS = `
  CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    rule_id TEXT NOT NULL,
    rule_title TEXT NOT NULL,
    level TEXT NOT NULL,
    entity TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    first_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    events INTEGER NOT NULL,
    matched TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alerts_open ON alerts (rule_id, entity) WHERE is_open = 1;
  CREATE INDEX alerts_by_rule ON alerts (rule_id);
  CREATE INDEX alerts_by_time ON alerts (last_at_ms, id);
  CREATE TABLE alert_events (
    alert INTEGER NOT NULL REFERENCES alerts (id),
    number INTEGER NOT NULL REFERENCES events (number),
    PRIMARY KEY (alert, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alert_events_by_number ON alert_events (number);
  CREATE TABLE rules_off (rule_id TEXT PRIMARY KEY) STRICT;
`;
const SEGMENTS = `
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    first_number INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    filter BLOB NOT NULL
  ) STRICT;
  CREATE TABLE segment_fields (
    id INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL REFERENCES segments (id),
    field TEXT NOT NULL,
    pair_count INTEGER NOT NULL,
    value_count INTEGER NOT NULL,
    value_bytes INTEGER NOT NULL,
    row_numbers BLOB NOT NULL,
    numbers BLOB NOT NULL,
    cut BLOB NOT NULL,
    texts BLOB NOT NULL
  ) STRICT;
  CREATE INDEX segment_fields_by_segment ON segment_fields (segment, id, field, pair_count, value_count, value_bytes);
  CREATE TABLE segment_words (
    id INTEGER PRIMARY KEY,
    words BLOB NOT NULL,
    counts BLOB NOT NULL,
    row_numbers BLOB NOT NULL
  ) STRICT;
`;
/** The fourth version kept what was made of an event in the same row. */
const FROM_FOURTH = `
  CREATE TABLE parsed_events (
    number INTEGER PRIMARY KEY,
    is_message_raw INTEGER NOT NULL,
    ecs TEXT NOT NULL
  ) STRICT;
  INSERT INTO parsed_events SELECT number, is_message_raw, ecs FROM events WHERE ecs IS NOT NULL;
  ALTER TABLE events DROP COLUMN ecs;
  ALTER TABLE events DROP COLUMN is_message_raw;
  CREATE TABLE progress (parsed_up_to INTEGER NOT NULL) STRICT;
  INSERT INTO progress SELECT coalesce(max(number), 0) FROM events;
  PRAGMA user_version = ${VERSION};
`;
/** The third version's index was another; it is made anew from the events. */
const FROM_THIRD = `
  DROP TABLE segment_words;
  DROP TABLE segment_fields;
  DROP TABLE segments;
  ${SEGMENTS}
  ${FROM_FOURTH}
`;
/** The second version made tables of alerts and put nothing into them. */
const FROM_SECOND = `
  DROP TABLE alert_events;
  DROP TABLE alerts;
  ${ALERTS}
  ${FROM_THIRD}
`;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    intake_key TEXT NOT NULL,
    raw TEXT NOT NULL,
    ecs TEXT
  ) STRICT;
  DROP INDEX IF EXISTS events_by_key;
  DROP INDEX IF EXISTS events_by_reception;
  ALTER TABLE events ADD COLUMN is_message_raw INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX events_by_id ON events (event_id);
${SEGMENTS}
${ALERTS}
${FROM_FOURTH}
  PRAGMA application_id = ${APPLICATION_ID};
`;

/** What brings earlier versions forward. */
const FORWARD: ReadonlyMap<number, string> = new Map([
  [2, FROM_SECOND],
  [3, FROM_THIRD],
  [4, FROM_FOURTH],
]);

/**
 * Makes a database ours: an empty one is filled, one of an earlier version brought forward.
 * @throws when it is another program's, or was written by a later version of this one.
 */
export function prepareSchema(database: DatabaseSync): void {
  const version = pragma(database, "user_version");
  const application = pragma(database, "application_id");
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  if (application === APPLICATION_ID && version === VERSION) {
    return;
  }
  const forward = application === APPLICATION_ID ? FORWARD.get(version) : undefined;
  if (forward !== undefined) {
    database.exec(`BEGIN; ${forward} COMMIT;`);
    return;
  }
  if (application === APPLICATION_ID) {
    throw new Error(
      `it was written by another version of this program (${version}, this one knows ${VERSION})`,
    );
  }
  // The first version marked nothing; it had this one table.
  const isFirstVersion = application === 0 && tables.length === 1 && tables[0]?.["name"] === "events";
  if (tables.length > 0 && !isFirstVersion) {
    throw new Error("it is the database of another program");
  }
  // Large pages: an event fits into one, and storing it takes half the time.
  database.exec(`PRAGMA page_size = 16384; BEGIN; ${SCHEMA} COMMIT;`);
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
