import { constants } from "node:os";

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * The first SIGINT or SIGTERM calls `stop`; the second ends the process at once.
 * @returns what takes the listeners away again.
 */
export function listenForStop(stop: (signal: NodeJS.Signals) => void): () => void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      process.exit(128 + constants.signals[signal]);
    }
    stopping = true;
    stop(signal);
  };
  for (const signal of STOP_SIGNALS) {
    process.on(signal, onSignal);
  }
  return () => {
    for (const signal of STOP_SIGNALS) {
      process.off(signal, onSignal);
    }
  };
}

/**
 * Errors that nobody caught. After an exception the state of whoever threw is unknown; a rejection has left it in order.
 * @returns what takes the listeners away again.
 */
export function listenForUncaught(
  onException: (error: unknown) => void,
  onRejection: (reason: unknown) => void,
): () => void {
  process.on("uncaughtException", onException);
  process.on("unhandledRejection", onRejection);
  return () => {
    process.off("uncaughtException", onException);
    process.off("unhandledRejection", onRejection);
  };
}
