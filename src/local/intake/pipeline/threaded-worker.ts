import { Worker as Thread } from "node:worker_threads";
import { messageOf } from "../../../kernel/errors.ts";
import type { DetectionOptions } from "../alerts/detection.ts";
import type { Batch, Processed, Worker, WorkerEvents } from "./messages.ts";

export type ThreadData = { readonly folder: string; readonly detection: DetectionOptions };
export type ToThread =
  | { readonly kind: "batch"; readonly batch: Batch }
  | { readonly kind: "reset" | "rules" }
  | { readonly kind: "format"; readonly folder: string };

/** What the thread says when it can begin. */
export const READY = "ready";
/** Parsing is bounded for each event; a thread that takes so long for a batch is lost. */
const MAX_BATCH_MS = 120_000;
/** The young generation holds the objects of a batch, so that few of them are copied. */
const YOUNG_MIB = 64;
const FIRST_RESTART_MS = 50;
const MAX_RESTART_MS = 5000;
const OWN_SUFFIX = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Works in a thread of its own, which is started again whenever it ends. */
export class ThreadedWorker implements Worker {
  /** One batch is worked on while the next one lies ready. */
  readonly depth = 2;
  readonly ready: Promise<void>;
  readonly #events: WorkerEvents;
  readonly #detection: DetectionOptions;
  #folder: string;
  #thread: Thread;
  #underWay = 0;
  #watch: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;
  #isClosed = false;
  #readyNow: () => void = () => undefined;

  constructor(data: ThreadData, events: WorkerEvents) {
    this.#folder = data.folder;
    this.#detection = data.detection;
    this.#events = events;
    this.ready = new Promise((resolve) => {
      this.#readyNow = resolve;
    });
    this.#thread = this.#start();
  }

  process(batch: Batch): void {
    this.#underWay += 1;
    this.#watchOver();
    this.#thread.ref();
    this.#post({ kind: "batch", batch });
  }

  reset(): void {
    this.#post({ kind: "reset" });
  }

  refreshRules(): void {
    this.#post({ kind: "rules" });
  }

  useFormat(folder: string): void {
    this.#folder = folder;
    this.#post({ kind: "format", folder });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#watch);
    clearTimeout(this.#restart);
    await this.#thread.terminate();
  }

  #start(): Thread {
    const data: ThreadData = { folder: this.#folder, detection: this.#detection };
    const thread = new Thread(new URL(`./thread.${OWN_SUFFIX}`, import.meta.url), {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    let reason = "it ended by itself";
    thread.on("message", (processed: Processed | typeof READY) => {
      if (processed === READY) {
        this.#readyNow();
        if (this.#underWay === 0) {
          thread.unref();
        }
        return;
      }
      this.#underWay -= 1;
      this.#restartMs = FIRST_RESTART_MS;
      this.#watchOver();
      if (this.#underWay === 0) {
        // The intake's server keeps the process alive, not a thread that waits.
        thread.unref();
      }
      this.#events.onProcessed(processed);
    });
    thread.on("error", (thrown) => {
      reason = messageOf(thrown);
    });
    thread.on("exit", () => {
      this.#readyNow();
      clearTimeout(this.#watch);
      if (!this.#isClosed) {
        this.#restart = setTimeout(() => {
          this.#underWay = 0;
          this.#thread = this.#start();
          this.#events.onLost(reason);
        }, this.#restartMs);
        this.#restartMs = Math.min(MAX_RESTART_MS, this.#restartMs * 2);
      }
    });
    return thread;
  }

  #watchOver(): void {
    clearTimeout(this.#watch);
    if (this.#underWay > 0) {
      this.#watch = setTimeout(() => void this.#thread.terminate(), MAX_BATCH_MS);
    }
  }

  #post(message: ToThread): void {
    this.#thread.postMessage(message);
  }
}
