import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/** What the benchmarks that start whole processes share. */
export const FLAGS = ["--disable-warning=ExperimentalWarning"];
/** As the Dockerfile has it. */
export const IMAGE_OPTIONS = "--max-semi-space-size=4";

/** A process that answers each line of its input by a line. */
export type Server = {
  readonly child: ChildProcess;
  /** What it told when it was ready. */
  readonly first: Readonly<Record<string, string>>;
  ask<T>(line: object): Promise<T>;
};

export async function start(file: string, args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, [...FLAGS, fileOf(file), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${file} ended early`);
    return JSON.parse(line.value);
  };
  const first = await next();
  return {
    child,
    first,
    ask: async (line) => {
      child.stdin.write(`${JSON.stringify(line)}\n`);
      return next();
    },
  };
}

export async function stop({ child }: Server): Promise<void> {
  child.stdin?.end();
  await once(child, "exit");
}

/** Writes the files that the platform gives to a container, for `SYMPHONY_DIR`. */
export async function writePlatformFiles(folder: string, settings: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = {
    module_configuration: "{}",
    trigger_configuration: JSON.stringify(settings),
    liveness_port: "0",
    metrics_port: "0",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
}

export function fileOf(relative: string): string {
  return new URL(relative, import.meta.url).pathname;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
