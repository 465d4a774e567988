import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export type GroupedProcess = {
  readonly child: ChildProcess;
  /** What it has written so far, on both streams. */
  output(): string;
  /** Resolves with its exit code and signal. */
  readonly closed: Promise<unknown[]>;
};

/** Starts a command in a process group of its own, as a terminal would. */
export function startInGroup(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): GroupedProcess {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  }
  return { child, output: () => output, closed: once(child, "close") };
}
