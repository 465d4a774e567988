import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Marks our files ("EVHS"). */
const APPLICATION_ID = 0x45_56_48_53;
const VERSION = 3;
const SCHEMA = `
  CREATE TABLE playbook (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    is_on INTEGER NOT NULL,
    settings TEXT NOT NULL,
    saved_at_ms INTEGER,
    crash TEXT
  ) STRICT;
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    playbook TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    reason TEXT,
    events INTEGER NOT NULL DEFAULT 0,
    state TEXT
  ) STRICT;
  CREATE TABLE logs (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id),
    at_ms INTEGER NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    fields TEXT
  ) STRICT;
  CREATE INDEX logs_by_run ON logs (run, number);
  CREATE INDEX logs_by_age ON logs (level, at_ms);
  CREATE TABLE curves (
    run INTEGER NOT NULL REFERENCES runs (id),
    at_ms INTEGER NOT NULL,
    received_per_second REAL NOT NULL,
    lag_events REAL,
    PRIMARY KEY (run, at_ms)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE local_intake (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    port INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE format_in_use (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    given TEXT NOT NULL,
    name TEXT NOT NULL,
    changed_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE local_stack (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    hub TEXT NOT NULL,
    storage TEXT NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the studio's database: playbook, runs and logs. It holds secrets, so only its owner may read it.
 * @throws when the file is another program's or a later version's.
 */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ":memory:") {
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  }
  const database = new DatabaseSync(path);
  try {
    const value = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
    const isOurs = value("application_id") === APPLICATION_ID;
    if (isOurs && value("user_version") !== VERSION) {
      throw new Error(`${path} was written by another version of the studio; name another folder by --data`);
    }
    const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]);
    if (!isOurs && tables > 0) {
      throw new Error(`${path} is the database of another program; name another folder by --data`);
    }
    if (!isOurs) {
      database.exec(`BEGIN; ${SCHEMA} COMMIT;`);
    }
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}
