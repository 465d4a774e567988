/** Writes down what each stage did; only for those who ask. */

import type { Step, TraceEntry } from "../contract/program.ts";
import type { Value } from "../contract/value.ts";
import { deepCopy } from "../values/copy.ts";

type Entry = {
  stage: string;
  outcome: TraceEntry["outcome"];
  reason?: string;
  output?: Value;
  set: { path: string; value: Value }[];
  notComputed: { path: string; reason: string }[];
  deleted: string[];
};

export class Tracer {
  readonly entries: TraceEntry[] = [];
  #entry: Entry | undefined;

  begin(step: Step): void {
    this.#entry = { stage: step.name, outcome: "ran", set: [], notComputed: [], deleted: [] };
    this.entries.push(this.#entry);
  }

  filtered(): void {
    if (this.#entry !== undefined) {
      this.#entry.outcome = "filtered";
    }
  }

  failed(reason: string): void {
    if (this.#entry === undefined) {
      return;
    }
    this.#entry.outcome = "failed";
    this.#entry.reason = reason;
  }

  output(value: Value): void {
    if (this.#entry !== undefined) {
      this.#entry.output = deepCopy(value);
    }
  }

  /** The value is copied, since later stages may add to it. */
  set(path: string, value: Value): void {
    this.#entry?.set.push({ path, value: deepCopy(value) });
  }

  notComputed(path: string, reason: string): void {
    this.#entry?.notComputed.push({ path, reason });
  }

  deleted(path: string): void {
    this.#entry?.deleted.push(path);
  }
}
