import type { DatabaseSync } from "node:sqlite";
import type { Static } from "typebox";
import type { LogLine, LogPage } from "../contract/runs.ts";
import type { LogLevel } from "../contract/shared.ts";

type Level = Static<typeof LogLevel>;
const LEVELS: readonly Level[] = ["debug", "info", "warning", "error", "critical"];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long lines are kept. */
const KEPT_MS: Readonly<Record<Level, number>> = {
  debug: HOUR_MS,
  info: DAY_MS,
  warning: 7 * DAY_MS,
  error: 7 * DAY_MS,
  critical: 30 * DAY_MS,
};
const PAGE = 200;
const MAX_MESSAGE_CHARS = 8192;

/** What runs log, kept as long as its level deserves. */
export class RunLog {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  add(
    run: number,
    lines: readonly { readonly date: string; readonly level: Level; readonly message: string }[],
  ) {
    const insert = this.#database.prepare(
      "INSERT INTO logs (run, at_ms, level, message, fields) VALUES (?, ?, ?, ?, ?)",
    );
    return lines.map(({ date, level, message }): Static<typeof LogLine> => {
      const givenMs = Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(date) ? date : `${date}Z`);
      const atMs = Number.isNaN(givenMs) ? Date.now() : givenMs;
      const { text, fields } = parted(message.slice(0, MAX_MESSAGE_CHARS));
      const number = Number(insert.run(run, atMs, level, text, fields).lastInsertRowid);
      return { number, at: new Date(atMs).toISOString(), level, message: text, fields };
    });
  }

  page(
    run: number,
    from: {
      level?: Level | undefined;
      q?: string | undefined;
      before?: number | undefined;
      limit?: number | undefined;
    },
  ): Static<typeof LogPage> {
    const levels = LEVELS.slice(LEVELS.indexOf(from.level ?? "debug"));
    const limit = from.limit ?? PAGE;
    const rows = this.#database
      .prepare(
        `SELECT * FROM logs WHERE run = ? AND number < ? AND level IN (${levels.map(() => "?").join(", ")})
         AND (? = '' OR instr(lower(message || ' ' || coalesce(fields, '')), lower(?)) > 0) ORDER BY number DESC LIMIT ?`,
      )
      .all(run, from.before ?? Number.MAX_SAFE_INTEGER, ...levels, from.q ?? "", from.q ?? "", limit);
    const lines = rows.toReversed().map((row) => ({
      number: Number(row["number"]),
      at: new Date(Number(row["at_ms"])).toISOString(),
      level: row["level"] as Level,
      message: String(row["message"]),
      fields: typeof row["fields"] === "string" ? row["fields"] : null,
    }));
    return { lines, before: rows.length === limit ? (lines[0]?.number ?? null) : null };
  }

  /** Forgets what is older than its level is kept. */
  forget(nowMs: number): void {
    for (const level of LEVELS) {
      this.#database
        .prepare("DELETE FROM logs WHERE level = ? AND at_ms < ?")
        .run(level, nowMs - KEPT_MS[level]);
    }
  }
}

/** The platform's lines carry their fields at the end of the text, as `(code=…, partitionId=0)`. */
function parted(message: string): { readonly text: string; readonly fields: string | null } {
  const [end, listed] = / \((\w+=.*)\)$/s.exec(message) ?? [];
  if (end === undefined || listed === undefined) {
    return { text: message, fields: null };
  }
  const fields = listed.split(/, (?=\w+=)/).map((field) => {
    const at = field.indexOf("=");
    return [field.slice(0, at), field.slice(at + 1)];
  });
  return {
    text: message.slice(0, -end.length),
    fields: JSON.stringify(Object.fromEntries(fields), null, 2),
  };
}
