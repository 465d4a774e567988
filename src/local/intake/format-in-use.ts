import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeEvent, readDescriptions, type SmartDescription } from "../../ecs/describe.ts";
import type { Format } from "../../ecs/engine.ts";
import type { Plain } from "../../ecs/values/json-text.ts";
import { type ParseEvent, parserOf, withMessage } from "./parse.ts";
import type { StoredEvent } from "./store.ts";

const MAX_RAW_CHARS = 120;

export type NamedFormat = {
  readonly name: string;
  readonly format: Format;
  /** Where it lies, with its smart descriptions. */
  readonly folder: string;
};

/** The format by which an intake parses its events, and tells of one in a line. It may be changed while the intake runs. */
export class FormatInUse {
  #named: NamedFormat;
  #parse: ParseEvent;
  #descriptions: readonly SmartDescription[];
  /** Milliseconds since 1970 at which it was changed; events that came before were parsed by another. */
  #changedAtMs = 0;
  readonly #listeners = new Set<() => void>();

  constructor(named: NamedFormat) {
    this.#named = named;
    this.#parse = parserOf(named.format);
    this.#descriptions = descriptionsOf(named.folder);
  }

  get name(): string {
    return this.#named.name;
  }

  get folder(): string {
    return this.#named.folder;
  }

  readonly parse: ParseEvent = (raw, intakeKey) => this.#parse(raw, intakeKey);

  /** Parses by another format from now on. */
  change(named: NamedFormat, nowMs: number): void {
    this.#parse = parserOf(named.format);
    this.#descriptions = descriptionsOf(named.folder);
    this.#named = named;
    this.#changedAtMs = nowMs;
    for (const listener of this.#listeners) {
      listener();
    }
  }

  /** Tells when another format is in use. @returns ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A stored event as this format reads it: one that came before the last change is parsed again. */
  current(event: StoredEvent): StoredEvent {
    if (event.ecs === null || event.receivedAtMs >= this.#changedAtMs) {
      return event;
    }
    const made = this.#parse(event.raw, event.intakeKey);
    const ecs = made === undefined ? null : withMessage(made.ecs, made.isMessageRaw ? event.raw : undefined);
    return { ...event, ecs };
  }

  /** By the format's smart descriptions; the beginning of the raw event where none of them fits. */
  describe({ raw, ecs }: StoredEvent): string {
    const line = ecs === null ? undefined : describeEvent(JSON.parse(ecs) as Plain, this.#descriptions);
    return line ?? raw.slice(0, MAX_RAW_CHARS);
  }
}

function descriptionsOf(folder: string): readonly SmartDescription[] {
  const path = join(folder, "_meta", "smart-descriptions.json");
  return existsSync(path) ? readDescriptions(JSON.parse(readFileSync(path, "utf8"))) : [];
}
