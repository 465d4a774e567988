import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Static } from "typebox";
import type { CurvePoint, Figures, IntakeAnswer, Ledger, LogLine, Run, RunDetail } from "../contract/runs.ts";
import type { LiveMessage, RunMessage } from "../contract.ts";
import { isSame } from "./guard.ts";
import type { PlaybookStore } from "./playbook.ts";
import { Refused } from "./problem.ts";
import { answersOf, figuresOf, ledgerOf } from "./run-figures.ts";
import { RunLog } from "./run-log.ts";
import { type Exit, RunProcess } from "./run-process.ts";
import { Topic } from "./streams.ts";

type RunOf = Static<typeof Run>;
type Line = Parameters<RunLog["add"]>[1][number];

/** Failed starts in a row that switch the playbook off. */
const MAX_FAILURES = 5;
/** A run that lasted so long has started well. */
const STARTED_WELL_MS = 60_000;
const LOOK_EVERY_MS = 1000;
/** While it drains, so that what it told last is not missed. */
const LOOK_AT_THE_END_EVERY_MS = 100;
const FORGET_EVERY_MS = 60_000;
const MAX_POINTS = 600;

type Active = {
  readonly id: number;
  readonly token: string;
  readonly process: RunProcess;
  readonly startedAtMs: number;
  answers: readonly Static<typeof IntakeAnswer>[];
  figures: Static<typeof Figures> | null;
  ledger: Static<typeof Ledger> | null;
  /** What is in its way just now. */
  trouble: string | null;
  /** The last error that it told. */
  error: string | null;
  critical: string | null;
};

/** A line of the log as a sentence. */
function sentenceOf(message: string): string {
  return /^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

export type RunsOptions = {
  readonly database: DatabaseSync;
  readonly playbook: PlaybookStore;
  /** The address of the platform's part, for a run's id. */
  callbackUrl(run: number): string;
  readonly live: Topic<Static<typeof LiveMessage>>;
  playbookChanged(): void;
  /** Between a failed start and the next, for each that failed. */
  readonly restartAfterMs: number;
};

/** Runs of the trigger: at most one at a time, restarted while the playbook is on. */
export class Runs {
  readonly log: RunLog;
  readonly #options: RunsOptions;
  readonly #topics = new Map<number, Topic<Static<typeof RunMessage>>>();
  readonly #timers: NodeJS.Timeout[];
  #active: Active | undefined;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.log = new RunLog(options.database);
    // Whatever ran when the studio ended without a word has ended with it.
    options.database
      .prepare(
        "UPDATE runs SET status = 'Stopped', ended_at_ms = ?, reason = 'The studio ended while it ran.' WHERE status = 'Running'",
      )
      .run(Date.now());
    this.log.forget(Date.now());
    this.#timers = [
      setInterval(() => void this.#look(), LOOK_EVERY_MS),
      setInterval(() => this.log.forget(Date.now()), FORGET_EVERY_MS),
    ];
  }

  /** A playbook that is on runs again, once the platform's part can be reached. */
  begin(): void {
    if (this.#options.playbook.isOn) {
      this.#start();
    }
  }

  get runsOn(): number {
    return this.#active === undefined ? 0 : 1;
  }

  switchOn(): void {
    this.#failures = 0;
    if (this.#active === undefined) {
      this.#start();
    }
  }

  /** What was saved holds for the run too: the one that is on ends as it should, and the next begins. */
  renew(): void {
    void this.#stop();
  }

  switchOff(): void {
    clearTimeout(this.#restart);
    void this.#stop();
  }

  list(before: number, limit: number): readonly RunOf[] {
    return this.#options.database
      .prepare("SELECT * FROM runs WHERE id < ? ORDER BY id DESC LIMIT ?")
      .all(before, limit)
      .map((row) => this.#runOf(row));
  }

  run(id: number): RunOf {
    const row = this.#options.database.prepare("SELECT * FROM runs WHERE id = ?").get(id);
    if (row === undefined) {
      throw new Refused("not-found", "There is no such run.");
    }
    return this.#runOf(row);
  }

  detail(id: number): Static<typeof RunDetail> {
    const run = this.run(id);
    const active = this.#active?.id === id ? this.#active : undefined;
    const state = this.#options.database.prepare("SELECT state FROM runs WHERE id = ?").get(id)?.["state"];
    const kept = typeof state === "string" ? JSON.parse(state) : { figures: null, ledger: null, answers: [] };
    const { figures, ledger, answers } = active ?? kept;
    return { run, figures, ledger, answers: [...answers], curve: this.#curve(id) };
  }

  /** What a run tells from now on. */
  topic(id: number): Topic<Static<typeof RunMessage>> {
    const topic = this.#topics.get(id) ?? new Topic();
    this.#topics.set(id, topic);
    return topic;
  }

  /** The platform's part takes lines of a run. @returns whether the token is the run's. */
  takeLines(id: number, token: string | undefined, lines: readonly Line[]): boolean {
    const active = this.#active;
    if (active?.id !== id || !isSame(token, active.token)) {
      return false;
    }
    const stored = this.log.add(id, lines);
    this.topic(id).publish({ type: "log", lines: stored, skipped: 0 });
    for (const line of stored) {
      this.#heed(active, line);
    }
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    await this.#stop();
  }

  /** Asks the trigger to drain; resolves once it has ended and its end is written down. */
  async #stop(): Promise<void> {
    const active = this.#active;
    if (active === undefined) {
      return;
    }
    active.process.stop();
    const timer = setInterval(() => void this.#look(), LOOK_AT_THE_END_EVERY_MS);
    await active.process.exited;
    clearInterval(timer);
  }

  #heed(active: Active, { level, message, fields }: Static<typeof LogLine>): void {
    if (level === "error") {
      active.error = sentenceOf(message);
    }
    // A warning that carries a code is of a fault that the trigger tries to overcome; others are advice.
    if (level === "error" || (level === "warning" && /"code": "[A-Z_]+"/.test(fields ?? ""))) {
      active.trouble = sentenceOf(message);
      this.#publish(active.id);
    }
    if (level !== "critical" || active.critical !== null) {
      return;
    }
    active.critical = sentenceOf(message);
    // The platform ends a container after its first critical line.
    active.process.end();
  }

  #start(): void {
    const { database, playbook } = this.#options;
    if (this.#active !== undefined || this.#isClosed || !playbook.isOn) {
      return;
    }
    const startedAtMs = Date.now();
    const id = Number(
      database
        .prepare("INSERT INTO runs (playbook, status, started_at_ms) VALUES (?, 'Running', ?)")
        .run(playbook.name, startedAtMs).lastInsertRowid,
    );
    const token = randomBytes(24).toString("base64url");
    const process = new RunProcess({
      settings: playbook.settings(),
      callbackUrl: this.#options.callbackUrl(id),
      token,
    });
    const active: Active = {
      id,
      token,
      process,
      startedAtMs,
      answers: [],
      figures: null,
      ledger: null,
      trouble: null,
      error: null,
      critical: null,
    };
    this.#active = active;
    this.#publish(id);
    void process.exited.then((exit) => this.#ended(active, exit));
  }

  #ended(active: Active, { code, signal, isForced, wasAsked }: Exit): void {
    const { database, playbook, live } = this.#options;
    // It ends by the signal itself where it had not begun, and nothing was in flight.
    const hasEndedWell = code === 0 || signal === "SIGTERM";
    const status = wasAsked && isForced ? "Stopped" : wasAsked && hasEndedWell ? "Succeeded" : "Failed";
    const told = active.critical === "Configuration error" ? active.error : (active.critical ?? active.error);
    const ending =
      signal === null
        ? `It ended by itself with exit code ${code}.`
        : `Its process was killed from outside (${signal}); a machine that is out of memory does that too.`;
    const reason =
      status === "Succeeded"
        ? null
        : isForced && wasAsked
          ? "It did not drain in time and was ended by force."
          : signal === null
            ? (told ?? ending)
            : ending;
    const state = JSON.stringify({ figures: active.figures, ledger: active.ledger, answers: active.answers });
    database
      .prepare("UPDATE runs SET status = ?, ended_at_ms = ?, reason = ?, state = ? WHERE id = ?")
      .run(status, Date.now(), reason, state, active.id);
    this.#active = undefined;
    this.#publish(active.id);
    this.#topics.delete(active.id);
    if (this.#isClosed || !playbook.isOn) {
      return;
    }
    if (wasAsked) {
      // Its settings changed, or the playbook was switched on again while it drained.
      this.#start();
      return;
    }
    const hasStartedWell =
      Date.now() - active.startedAtMs > STARTED_WELL_MS || (active.figures?.forwarded ?? 0) > 0;
    this.#failures = hasStartedWell ? 1 : this.#failures + 1;
    if (this.#failures >= MAX_FAILURES) {
      playbook.crash(reason ?? ending, this.#failures);
      this.#options.playbookChanged();
      live.publish({ type: "run", run: this.run(active.id) });
      return;
    }
    this.#restart = setTimeout(() => this.#start(), this.#options.restartAfterMs * this.#failures);
  }

  async #look(): Promise<void> {
    const active = this.#active;
    if (active === undefined) {
      return;
    }
    const [ledgerText, metrics] = await Promise.all([
      active.process.page("/ledger"),
      active.process.page("/metrics"),
    ]);
    if (this.#active !== active || ledgerText === undefined || metrics === undefined) {
      return;
    }
    const ledger = ledgerOf(ledgerText, metrics);
    const nowMs = Date.now();
    const last = this.#lastLook?.run === active.id ? this.#lastLook : undefined;
    const seconds = last === undefined ? 0 : (nowMs - last.atMs) / 1000;
    const perSecond =
      last === undefined || seconds <= 0 ? 0 : (ledger.total.received - last.received) / seconds;
    this.#lastLook = { run: active.id, atMs: nowMs, received: ledger.total.received };
    // What passes again has overcome what was in its way.
    if (active.figures !== null && ledger.total.forwarded > active.figures.forwarded) {
      if (active.trouble !== null) {
        queueMicrotask(() => this.#publish(active.id));
      }
      active.trouble = null;
    }
    active.figures = figuresOf(ledger, metrics, Math.max(0, perSecond));
    active.ledger = ledger;
    active.answers = answersOf(ledgerText);
    const lags = ledger.partitions.map(({ lagEvents }) => lagEvents).filter((lag) => lag !== null);
    const lagEvents = lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0);
    const point = { at: nowMs, receivedPerSecond: active.figures.receivedPerSecond, lagEvents };
    const { database } = this.#options;
    database
      .prepare("INSERT OR REPLACE INTO curves VALUES (?, ?, ?, ?)")
      .run(active.id, nowMs, point.receivedPerSecond, lagEvents);
    database.prepare("UPDATE runs SET events = ? WHERE id = ?").run(ledger.total.received, active.id);
    const topic = this.topic(active.id);
    topic.publish({ type: "figures", figures: active.figures, ledger, point });
    topic.publish({ type: "answers", answers: [...active.answers] });
    if (last?.received !== ledger.total.received) {
      this.#publish(active.id);
    }
  }
  #lastLook: { readonly run: number; readonly atMs: number; readonly received: number } | undefined;

  /** The whole run in at most 600 points: of more, every so-and-so-many-th. */
  #curve(id: number): Static<typeof CurvePoint>[] {
    const { database } = this.#options;
    const many = Number(database.prepare("SELECT count(*) AS n FROM curves WHERE run = ?").get(id)?.["n"]);
    const step = Math.max(1, Math.ceil(many / MAX_POINTS));
    return database
      .prepare(
        "SELECT * FROM (SELECT *, row_number() OVER (ORDER BY at_ms) AS place FROM curves WHERE run = ?) WHERE place % ? = 0 ORDER BY at_ms",
      )
      .all(id, step)
      .map((row) => ({
        at: Number(row["at_ms"]),
        receivedPerSecond: Number(row["received_per_second"]),
        lagEvents: row["lag_events"] === null ? null : Number(row["lag_events"]),
      }));
  }

  #publish(id: number): void {
    this.#options.live.publish({ type: "run", run: this.run(id) });
  }

  #runOf(row: Readonly<Record<string, unknown>>): RunOf {
    const id = Number(row["id"]);
    const active = this.#active?.id === id ? this.#active : undefined;
    const endedAtMs = row["ended_at_ms"];
    return {
      id: String(id),
      status: row["status"] as RunOf["status"],
      startedAt: new Date(Number(row["started_at_ms"])).toISOString(),
      endedAt: typeof endedAtMs === "number" ? new Date(endedAtMs).toISOString() : null,
      events: Number(row["events"]),
      reason: active === undefined ? (row["reason"] as string | null) : (active.critical ?? active.trouble),
      playbook: String(row["playbook"]),
      process: active?.process.pid ?? null,
    };
  }
}
