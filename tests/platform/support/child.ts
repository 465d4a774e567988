import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export type Entry = {
  readonly level: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
};

export type Child = {
  readonly process: ChildProcess;
  /** Everything written, on both channels. */
  output(): string;
  entries(): Entry[];
  /** Resolves with the first entry of which `isWanted` is true; rejects if the child ends without it. */
  entry(isWanted: (entry: Entry) => boolean): Promise<Entry>;
  readonly exit: Promise<number | null>;
};

export const COMMAND = "azure_eventhub_messages_trigger";

/** Starts the child module; the test ends with its end. */
export function startChild(
  env: Readonly<Record<string, string>>,
  argv: readonly string[] = [COMMAND],
): Child {
  const script = new URL("child-module.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...argv], {
    env: { SYMPHONY_DIR: "/nowhere", LIVENESS_PORT: "0", METRICS_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const entries: Entry[] = [];
  const waiting = new Set<() => void>();
  let output = "";
  child.stderr.on("data", (piece: Buffer) => {
    output += piece.toString("utf8");
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    output += `${line}\n`;
    entries.push(JSON.parse(line));
    for (const look of waiting) {
      look();
    }
  });
  const exit = once(child, "close").then(([code]): number | null => code);
  return {
    process: child,
    output: () => output,
    entries: () => entries,
    entry: (isWanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = entries.find(isWanted);
          if (found) {
            waiting.delete(look);
            resolve(found);
          }
        };
        waiting.add(look);
        look();
        const ended = () => reject(new Error(`the child ended without the entry:\n${output}`));
        exit.then(ended, ended);
      }),
    exit,
  };
}
