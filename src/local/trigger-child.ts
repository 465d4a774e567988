import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { LogLine } from "../kernel/log-line.ts";
import { spawnTrigger } from "./trigger-process.ts";

export type TriggerChild = {
  isRunning(): boolean;
  /** Events that the intake accepted, by the trigger's own metrics. */
  forwarded(): Promise<number>;
  /** Asks it to drain. @returns its exit code; null when it had to be killed. */
  stop(): Promise<number | null>;
};

const FORWARDED = /^symphony_module_common_forwarded_events_total(?:\{[^}]*\})? (\d+)/m;
/** The trigger promises to end sooner. */
const END_WITHIN_MS = 15_000;

/**
 * Runs the trigger as the container does, with a folder of platform files.
 * @param say Gets what the trigger logs.
 */
export function startTriggerChild(symphonyDir: string, say: (line: string) => void): TriggerChild {
  const { child, pageUrl } = spawnTrigger(symphonyDir, "inherit", (line, entry) =>
    say(entry === undefined ? line : textOf(entry)),
  );
  const exited = once(child, "exit") as Promise<[number | null]>;
  let stopped: Promise<number | null> | undefined;
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    isRunning,
    async forwarded() {
      const url = pageUrl("/metrics");
      if (url === undefined || !isRunning()) {
        return 0;
      }
      const answer = await fetch(url);
      return Number(FORWARDED.exec(await answer.text())?.[1] ?? 0);
    },
    stop() {
      // A second signal would end it at once.
      stopped ??= ended(child, exited);
      return stopped;
    },
  };
}

async function ended(child: ChildProcess, exited: Promise<[number | null]>): Promise<number | null> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
  const [code] = await exited;
  clearTimeout(timer);
  return code;
}

function textOf({ level, message }: LogLine): string {
  return level === "info" || level === "debug" ? message : `${level}: ${message}`;
}
