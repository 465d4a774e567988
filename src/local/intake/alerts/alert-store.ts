import { createHash } from "node:crypto";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { LEVELS, type Level, type MatchedField, type SimilarityEntity } from "../../../rules/contract.ts";

export type Alert = {
  readonly id: number;
  readonly isOpen: boolean;
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly level: Level;
  /** `user.name: ann`; empty when the rule alone tells alerts apart. */
  readonly entity: string;
  /** Reception times of the first and the last of its events. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly events: number;
  /** What made the rule fire on the newest event. */
  readonly matched: Matched;
};

export type Matched = { readonly selections: readonly string[]; readonly fields: readonly MatchedField[] };

/** A rule that fired on an event, with what the alert is to keep. */
export type Finding = {
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly level: Level;
  readonly entity: SimilarityEntity;
  readonly matched: Matched;
  /** Numbers of events; a correlation has several. */
  readonly numbers: readonly number[];
  /** How many events a correlation counted, more perhaps than it names. */
  readonly events: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
};

export type AlertQuery = {
  readonly isOpen?: boolean | undefined;
  readonly ruleId?: string | undefined;
  /** Alerts that this event belongs to. */
  readonly number?: number | undefined;
  /** Only alerts that come after this one, by last occurrence. */
  readonly after?: { readonly lastAtMs: number; readonly id: number } | undefined;
  readonly limit: number;
};

const MAX_TEXT_CHARS = 300;
const MAX_FIELDS = 20;
const ENTITY_NAMES = { user: "user.name", host: "host.name", address: "address" } as const;

/** Alerts in the intake's database. Writes belong inside of the transaction that stores the events. */
export class AlertStore {
  readonly #database: DatabaseSync;
  readonly #opened: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #addEvent: StatementSync;
  readonly #byId: StatementSync;
  readonly #ofEvent: StatementSync;
  readonly #numbers: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#opened = database.prepare(
      "SELECT id, level FROM alerts WHERE rule_id = ? AND entity = ? AND is_open = 1",
    );
    this.#insert = database.prepare(
      "INSERT INTO alerts (rule_id, rule_title, level, entity, is_open, first_at_ms, last_at_ms, events, matched) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)",
    );
    this.#update = database.prepare(
      "UPDATE alerts SET level = ?, first_at_ms = min(first_at_ms, ?), last_at_ms = max(last_at_ms, ?), events = events + ?, matched = CASE WHEN ? >= last_at_ms THEN ? ELSE matched END WHERE id = ?",
    );
    this.#addEvent = database.prepare("INSERT OR IGNORE INTO alert_events (alert, number) VALUES (?, ?)");
    this.#byId = database.prepare("SELECT * FROM alerts WHERE id = ?");
    this.#ofEvent = database.prepare(
      "SELECT alerts.* FROM alert_events JOIN alerts ON alerts.id = alert WHERE number = ? ORDER BY id DESC LIMIT 20",
    );
    this.#numbers = database.prepare(
      "SELECT number FROM alert_events WHERE alert = ? ORDER BY number DESC LIMIT ?",
    );
  }

  /** Adds to the open alert of the same rule and entity, or makes one. @returns its id; undefined if it held the events already. */
  record(finding: Finding): number | undefined {
    const { ruleId, numbers, firstAtMs, lastAtMs } = finding;
    const entity = entityText(finding.entity);
    const matched = JSON.stringify(bounded(finding.matched));
    const open = this.#opened.get(ruleId, entity);
    if (open === undefined) {
      const title = cut(finding.ruleTitle);
      const { lastInsertRowid } = this.#insert.run(
        ruleId,
        title,
        finding.level,
        entity,
        firstAtMs,
        lastAtMs,
        Math.max(finding.events, numbers.length),
        matched,
      );
      for (const number of numbers) {
        this.#addEvent.run(lastInsertRowid, number);
      }
      return Number(lastInsertRowid);
    }
    const id = Number(open["id"]);
    const added = numbers.reduce((sum, number) => sum + Number(this.#addEvent.run(id, number).changes), 0);
    if (added === 0) {
      return undefined;
    }
    const level = higher(finding.level, levelOf(open["level"]));
    this.#update.run(level, firstAtMs, lastAtMs, added, lastAtMs, matched, id);
    return id;
  }

  alert(id: number): Alert | undefined {
    const row = this.#byId.get(id);
    return row === undefined ? undefined : alertOf(row);
  }

  /** By last occurrence, the newest first. */
  find({ isOpen, ruleId, number, after, limit }: AlertQuery): readonly Alert[] {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const add = (condition: string, ...given: (string | number)[]) => {
      conditions.push(condition);
      values.push(...given);
    };
    if (isOpen !== undefined) {
      add("is_open = ?", Number(isOpen));
    }
    if (ruleId !== undefined) {
      add("rule_id = ?", ruleId);
    }
    if (number !== undefined) {
      add("id IN (SELECT alert FROM alert_events WHERE number = ?)", number);
    }
    if (after !== undefined) {
      add("(last_at_ms, id) < (?, ?)", after.lastAtMs, after.id);
    }
    const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
    return this.#database
      .prepare(`SELECT * FROM alerts ${where} ORDER BY last_at_ms DESC, id DESC LIMIT ?`)
      .all(...values, limit)
      .map(alertOf);
  }

  /** Alerts that the event belongs to, the newest first, 20 at most. */
  ofEvent(number: number): readonly Alert[] {
    return this.#ofEvent.all(number).map(alertOf);
  }

  /** Numbers of the newest events of an alert. */
  numbers(id: number, limit: number): readonly number[] {
    return this.#numbers.all(id, limit).map((row) => Number(row["number"]));
  }

  get openCount(): number {
    return this.#count("SELECT count(*) AS n FROM alerts WHERE is_open = 1");
  }

  get count(): number {
    return this.#count("SELECT count(*) AS n FROM alerts");
  }

  /** Alerts of each rule, closed ones included. */
  countByRule(): ReadonlyMap<string, number> {
    const rows = this.#database.prepare("SELECT rule_id, count(*) AS n FROM alerts GROUP BY rule_id").all();
    return new Map(rows.map((row) => [String(row["rule_id"]), Number(row["n"])]));
  }

  /** @returns false when another alert of the same rule and entity is open already. */
  setOpen({ id, ruleId, entity }: Alert, isOpen: boolean): boolean {
    const other = this.#opened.get(ruleId, entity);
    if (isOpen && other !== undefined && Number(other["id"]) !== id) {
      return false;
    }
    this.#database.prepare("UPDATE alerts SET is_open = ? WHERE id = ?").run(Number(isOpen), id);
    return true;
  }

  /** Ids of rules that raise no alerts, by a person's choice. */
  rulesOff(): ReadonlySet<string> {
    const rows = this.#database.prepare("SELECT rule_id FROM rules_off").all();
    return new Set(rows.map((row) => String(row["rule_id"])));
  }

  switchRule(ruleId: string, isOn: boolean): void {
    const text = isOn
      ? "DELETE FROM rules_off WHERE rule_id = ?"
      : "INSERT OR IGNORE INTO rules_off (rule_id) VALUES (?)";
    this.#database.prepare(text).run(ruleId);
  }

  #count(text: string): number {
    return Number(this.#database.prepare(text).get()?.["n"] ?? 0);
  }
}

function alertOf(row: Readonly<Record<string, SQLOutputValue>>): Alert {
  return {
    id: Number(row["id"]),
    isOpen: row["is_open"] === 1,
    ruleId: String(row["rule_id"]),
    ruleTitle: String(row["rule_title"]),
    level: levelOf(row["level"]),
    entity: String(row["entity"]),
    firstAtMs: Number(row["first_at_ms"]),
    lastAtMs: Number(row["last_at_ms"]),
    events: Number(row["events"]),
    matched: JSON.parse(String(row["matched"])) as Matched,
  };
}

function levelOf(value: unknown): Level {
  return LEVELS.find((level) => level === value) ?? "medium";
}

export function higher(level: Level, other: Level): Level {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(other) ? level : other;
}

/** A long value is told apart by its digest, so that what is cut alike is not one entity. */
function entityText({ kind, value }: SimilarityEntity): string {
  if (kind === "none") {
    return "";
  }
  const text =
    value.length <= MAX_TEXT_CHARS
      ? value
      : `${cut(value)} (${createHash("sha256").update(value).digest("hex").slice(0, 16)})`;
  return `${ENTITY_NAMES[kind]}: ${text}`;
}

function bounded({ selections, fields }: Matched): Matched {
  return {
    selections: selections.slice(0, MAX_FIELDS).map(cut),
    fields: fields.slice(0, MAX_FIELDS).map(({ field, value }) => ({ field: cut(field), value: cut(value) })),
  };
}

/** Never within a surrogate pair. */
function cut(text: string): string {
  return text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS).toWellFormed()}…`;
}
