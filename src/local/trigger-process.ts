import { type ChildProcess, spawn } from "node:child_process";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type LogLine, readLogLine } from "../kernel/log-line.ts";
import { END_WITH_PARENT } from "./end-with-parent.ts";

export type TriggerProcess = {
  readonly child: ChildProcess;
  /** Where it serves a page such as `/metrics`; undefined while it does not. */
  pageUrl(path: string): string | undefined;
};

/**
 * Runs the trigger as the container does: its entry under node, the platform's command, and a folder of platform files.
 * It ends with us.
 * @param onLine Gets each line of its output, read if it is one of our log.
 */
export function spawnTrigger(
  symphonyDir: string,
  stderr: "inherit" | "ignore",
  onLine: (line: string, entry: LogLine | undefined) => void = () => undefined,
): TriggerProcess {
  const own = import.meta.url;
  const entry = fileURLToPath(new URL(`../main${extname(own)}`, own));
  const args = ["azure_eventhub_messages_trigger", "--symphony-dir", symphonyDir];
  const child = spawn(process.execPath, [...END_WITH_PARENT, entry, ...args], {
    stdio: ["pipe", "pipe", stderr],
    detached: true,
  });
  const ports = new Map<string, number>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const entryOfLog = readLogLine(line);
    const path = /^(\/\w+) is served at /.exec(entryOfLog?.message ?? "")?.[1];
    if (path !== undefined) {
      ports.set(path, Number(entryOfLog?.fields?.["port"]));
    }
    onLine(line, entryOfLog);
  });
  return {
    child,
    pageUrl(path) {
      const port = ports.get(path);
      return port === undefined ? undefined : `http://127.0.0.1:${port}${path}`;
    },
  };
}
