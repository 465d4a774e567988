export type Stop = { readonly signal: AbortSignal; readonly release: () => void };

/** A second signal that follows sooner is the same keystroke: npm passes on what the terminal already gave us. */
const SAME_KEYSTROKE_MS = 1000;

/**
 * Ctrl-C and SIGTERM as an abort signal; a second one ends the process at once. `release` gives them their usual
 * meaning back.
 */
export function stopSignal(): Stop {
  const controller = new AbortController();
  let stoppedAtMs: number | undefined;
  const stop = () => {
    if (stoppedAtMs !== undefined && performance.now() - stoppedAtMs > SAME_KEYSTROKE_MS) {
      process.exit(1);
    }
    stoppedAtMs ??= performance.now();
    controller.abort(new Error("stopped"));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}

/** Waits until the process is asked to stop. */
export function untilStopped({ signal }: Stop): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
