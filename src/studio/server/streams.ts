import type { Context } from "hono";
import { streamSSE } from "hono/streaming";

const KEEP_ALIVE_MS = 15_000;
/** Messages that wait for a slow reader; of more, the oldest are left out. */
const MAX_WAITING = 200;

/** Tells everyone who listens. */
export class Topic<Message> {
  readonly #listeners = new Set<(message: Message) => void>();

  publish(message: Message): void {
    for (const listener of this.#listeners) {
      listener(message);
    }
  }

  /** @returns ends it. */
  listen(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Server-sent events: what holds now, then what comes. */
export function stream<Message>(
  context: Context,
  first: readonly Message[],
  follow: (send: (message: Message) => void) => () => void,
  closing: AbortSignal,
): Response {
  return streamSSE(context, async (sse) => {
    let waiting: Message[] = [...first];
    let wake = () => {};
    const end = follow((message) => {
      waiting.push(message);
      if (waiting.length > MAX_WAITING) {
        waiting = waiting.slice(-MAX_WAITING);
      }
      wake();
    });
    const stop = () => wake();
    sse.onAbort(stop);
    closing.addEventListener("abort", stop);
    try {
      while (!sse.aborted && !closing.aborted) {
        for (const message of waiting.splice(0)) {
          await sse.writeSSE({ data: JSON.stringify(message) });
        }
        const { promise, resolve } = Promise.withResolvers<boolean>();
        wake = () => resolve(false);
        const timer = setTimeout(() => resolve(true), KEEP_ALIVE_MS);
        if (waiting.length > 0 || sse.aborted || closing.aborted) {
          resolve(false);
        }
        const isQuiet = await promise;
        clearTimeout(timer);
        if (isQuiet) {
          await sse.write(": still here\n\n");
        }
      }
    } finally {
      end();
      closing.removeEventListener("abort", stop);
    }
  });
}
