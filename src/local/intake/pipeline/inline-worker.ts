import type { Batch, Worker, WorkerEvents } from "./messages.ts";
import type { Processor } from "./processor.ts";

/** Works at once and in this thread: for a parser that is given as a function, or none. */
export class InlineWorker implements Worker {
  readonly depth = 1;
  readonly ready = Promise.resolve();
  readonly #processor: Processor;
  readonly #events: WorkerEvents;

  constructor(processor: Processor, events: WorkerEvents) {
    this.#processor = processor;
    this.#events = events;
  }

  process(batch: Batch): void {
    this.#events.onProcessed(this.#processor.process(batch));
  }

  reset(): void {
    this.#processor.reset();
  }

  /** Rules are those of the intake itself, which reads them again. */
  refreshRules(): void {}

  useFormat(): void {}

  async close(): Promise<void> {}
}
