import type { DatabaseSync } from "node:sqlite";
import type { Static } from "typebox";
import { judgeParts, judgeSettings, type SettingsSchema } from "../../app/given-settings.ts";
import type { Draft, FieldProblem, Playbook, SavedSecret, SavePlaybook } from "../contract/playbook.ts";
import { Refused } from "./problem.ts";

type Settings = Readonly<Record<string, unknown>>;
const FIRST_NAME = "Consume Eventhub messages";
const SHOWN_CHARS = 4;

/** The playbook as it was saved: the trigger's settings, secrets among them, and whether it is on. */
export class PlaybookStore {
  readonly #database: DatabaseSync;
  readonly #schema: SettingsSchema;

  constructor(database: DatabaseSync, schema: SettingsSchema) {
    this.#database = database;
    this.#schema = schema;
    database
      .prepare(
        "INSERT OR IGNORE INTO playbook (id, revision, name, is_on, settings) VALUES (1, 0, ?, 0, '{}')",
      )
      .run(FIRST_NAME);
  }

  get secretNames(): readonly string[] {
    return Object.entries(this.#schema.properties ?? {})
      .filter(([, { writeOnly }]) => writeOnly === true)
      .map(([name]) => name);
  }

  /** All of them, secrets included; never for an answer. */
  settings(): Settings {
    return JSON.parse(String(this.#row()["settings"]));
  }

  get isOn(): boolean {
    return this.#row()["is_on"] === 1;
  }

  get name(): string {
    return String(this.#row()["name"]);
  }

  /** @param ways Where its events come from and go, which the studio knows. */
  read(ways: Pick<Static<typeof Playbook>, "hub" | "intake">): Static<typeof Playbook> {
    const row = this.#row();
    const settings = this.settings();
    const crash = row["crash"];
    const savedAtMs = row["saved_at_ms"];
    return {
      revision: Number(row["revision"]),
      name: this.name,
      isOn: this.isOn,
      crash: typeof crash === "string" ? JSON.parse(crash) : null,
      settings: Object.fromEntries(
        Object.entries(settings).filter(([name]) => !this.secretNames.includes(name)),
      ),
      secrets: this.secretNames.flatMap((name) => hinted(name, settings[name])),
      problems: [...this.judge(settings)],
      savedAt: typeof savedAtMs === "number" ? new Date(savedAtMs).toISOString() : null,
      ...ways,
    };
  }

  /** @throws Refused `conflict` when somebody else saved meanwhile. */
  save({ revision, name, draft }: Static<typeof SavePlaybook>): void {
    if (revision !== this.#row()["revision"]) {
      throw new Refused(
        "conflict",
        "The playbook was saved elsewhere meanwhile. Look at what it holds now, then save again.",
      );
    }
    this.#database
      .prepare(
        "UPDATE playbook SET revision = revision + 1, name = ?, settings = ?, saved_at_ms = ? WHERE id = 1",
      )
      .run(name.trim() === "" ? FIRST_NAME : name, JSON.stringify(this.merged(draft)), Date.now());
  }

  /** Sets some of what is saved; what was not set stays. */
  change(settings: Settings): void {
    if (Object.keys(settings).length > 0) {
      this.#database
        .prepare("UPDATE playbook SET revision = revision + 1, settings = ? WHERE id = 1")
        .run(JSON.stringify({ ...this.settings(), ...settings }));
    }
  }

  /** What the form holds, with the saved secrets that it did not touch. */
  merged({ settings, secrets }: Static<typeof Draft>): Settings {
    const saved = this.settings();
    const merged: Record<string, unknown> = {};
    for (const name of Object.keys(this.#schema.properties ?? {})) {
      const isSecret = this.secretNames.includes(name);
      const value = isSecret ? (Object.hasOwn(secrets, name) ? secrets[name] : saved[name]) : settings[name];
      if (value !== undefined && value !== null && value !== "") {
        merged[name] = value;
      }
    }
    return merged;
  }

  judge(settings: Settings): readonly Static<typeof FieldProblem>[] {
    return [...this.broken(settings), ...judgeParts(settings)];
  }

  /** What keeps a run from being begun; of the rest, the run itself tells. */
  broken(settings: Settings): readonly Static<typeof FieldProblem>[] {
    return judgeSettings(this.#schema, settings);
  }

  switch(isOn: boolean): void {
    this.#database
      .prepare(
        "UPDATE playbook SET is_on = ?, revision = revision + 1, crash = CASE WHEN ? THEN NULL ELSE crash END WHERE id = 1",
      )
      .run(isOn ? 1 : 0, isOn ? 1 : 0);
  }

  /** Too many starts failed. */
  crash(reason: string, failures: number): void {
    const crash = JSON.stringify({ at: new Date().toISOString(), reason, failures });
    this.#database
      .prepare("UPDATE playbook SET is_on = 0, revision = revision + 1, crash = ? WHERE id = 1")
      .run(crash);
  }

  #row(): Readonly<Record<string, unknown>> {
    return this.#database.prepare("SELECT * FROM playbook WHERE id = 1").get() ?? {};
  }
}

function hinted(name: string, value: unknown): Static<typeof SavedSecret>[] {
  return typeof value === "string" ? [{ name, hint: hintOf(value) }] : [];
}

/** What may be seen of a secret: the hub's name, or the last four characters of a long one. */
export function hintOf(secret: string): string {
  const path = /(?:^|;)\s*EntityPath\s*=\s*([^;]+)/i.exec(secret)?.[1];
  if (path !== undefined) {
    return `EntityPath=${path.trim()}`;
  }
  if (secret.includes(";")) {
    return "";
  }
  return secret.length >= SHOWN_CHARS * 3 ? `…${secret.slice(-SHOWN_CHARS)}` : "";
}

/** The host of the hub that settings name; null when they name none. */
export function hubHostOf(settings: Settings): string | null {
  const endpoint = /(?:^|;)\s*Endpoint\s*=\s*(?:sb|amqps?):\/\/([^/;]+)/i.exec(
    String(settings["hub_connection_string"] ?? ""),
  )?.[1];
  const named = endpoint ?? settings["hub_namespace"];
  return typeof named === "string" && named !== "" ? named : null;
}
