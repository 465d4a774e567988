import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { STOP, WORKER_VARIABLE, type WorkerReport } from "./report.ts";

export type WorkerEnd = { readonly code: number | null; readonly how: string };

export type WorkerProcess = {
  readonly pid: number | undefined;
  /** Resolves when it has ended and everything that it said is read. */
  readonly ended: Promise<WorkerEnd>;
  /** Asks it to drain. */
  stop(): void;
  kill(): void;
};

export type WorkerHooks = {
  line(text: string): void;
  report(report: WorkerReport): void;
};

/**
 * Starts this very command once more, as a worker: the same script, arguments and environment. Its standard input is a
 * pipe of ours, so that whatever ends it with its parent does so here as well.
 */
export function startWorker(env: NodeJS.ProcessEnv, hooks: WorkerHooks): WorkerProcess {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...env, [WORKER_VARIABLE]: "1" },
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", hooks.line);
  }
  // Nobody else knows this channel.
  child.on("message", (message) => hooks.report(message as WorkerReport));
  return {
    pid: child.pid,
    ended: new Promise((resolve) => {
      child.once("close", (code, signal) =>
        resolve({ code, how: signal === null ? `exit code ${code}` : signal }),
      );
      child.once("error", (error) => {
        if (child.pid === undefined) {
          resolve({ code: null, how: error.message });
        }
      });
    }),
    stop: () => {
      if (child.connected) {
        // A worker that has just ended needs no word.
        child.send(STOP, () => {});
      }
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
