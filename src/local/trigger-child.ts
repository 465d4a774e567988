import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type LogLine, readLogLine } from "../kernel/log-line.ts";
import { END_WITH_PARENT } from "./end-with-parent.ts";

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
 * Runs the trigger as the container does: its entry under node, the platform's command, and a folder of platform files.
 * @param say Gets what the trigger logs.
 */
export function startTriggerChild(symphonyDir: string, say: (line: string) => void): TriggerChild {
  const own = import.meta.url;
  const entry = fileURLToPath(new URL(`../main${extname(own)}`, own));
  const args = ["azure_eventhub_messages_trigger", "--symphony-dir", symphonyDir];
  const child = spawn(process.execPath, [...END_WITH_PARENT, entry, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  let metricsPort: number | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const entryOfLog = readLogLine(line);
    if (entryOfLog?.message === "/metrics is served") {
      metricsPort = Number(entryOfLog.fields?.["port"]);
    }
    say(entryOfLog === undefined ? line : textOf(entryOfLog));
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    isRunning,
    async forwarded() {
      if (metricsPort === undefined || !isRunning()) {
        return 0;
      }
      const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
      return Number(FORWARDED.exec(await answer.text())?.[1] ?? 0);
    },
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
      const [code] = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}

function textOf({ level, message }: LogLine): string {
  return level === "info" || level === "debug" ? message : `${level}: ${message}`;
}
