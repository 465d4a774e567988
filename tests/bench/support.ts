import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/** What the benchmarks that start whole processes share. */
const FLAGS = ["--disable-warning=ExperimentalWarning"];
/** As the Dockerfile has it. */
export const IMAGE_ENVIRONMENT = {
  NODE_OPTIONS: "--max-semi-space-size=4",
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "65536",
};

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
    if (line.done === true) {
      throw new Error(`${file} ended early`);
    }
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

export type Draw = {
  readonly events: number;
  readonly seconds: number;
  readonly cpuMicros: number;
  readonly rssBytes: number;
};

/** Runs a client to its end. @returns the result that it prints, as a line of JSON among others. */
export async function draw(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Draw> {
  const client = spawn(process.execPath, [...FLAGS, fileOf(file), ...args], {
    // It ends with us, by its input.
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  let last = "";
  for await (const line of createInterface({ input: client.stdout })) {
    if (line.startsWith('{"events"')) {
      last = line;
    }
  }
  if (last === "") {
    throw new Error(`${file} ended without a result`);
  }
  return JSON.parse(last);
}

/** Builds what the image runs. */
export function build(): void {
  execFileSync(fileOf("../../node_modules/.bin/tsc"), ["-p", fileOf("../../tsconfig.build.json")]);
}

/** The emulator's configuration of one hub. */
export function hubConfig(name: string, partitions: number): object {
  const entity = { Name: name, PartitionCount: partitions, ConsumerGroups: [] };
  return { UserConfig: { NamespaceConfig: [{ Entities: [entity] }] } };
}

/** Writes the files that the platform gives to a container, for `SYMPHONY_DIR`; `values` are further ones. */
export async function writePlatformFiles(
  folder: string,
  servers: {
    readonly hubName: string;
    readonly hubString: string;
    readonly storageString: string;
    readonly containerName: string;
    readonly intakeUrl: string;
  },
  values: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = {
    module_configuration: {},
    trigger_configuration: {
      hub_connection_string: servers.hubString,
      hub_name: servers.hubName,
      hub_consumer_group: "$Default",
      storage_connection_string: servers.storageString,
      storage_container_name: servers.containerName,
      intake_key: "bench-key",
      intake_server: servers.intakeUrl,
    },
    liveness_port: 0,
    metrics_port: 0,
    ...values,
  };
  for (const [name, value] of Object.entries(files)) {
    await writeFile(path.join(folder, name), JSON.stringify(value));
  }
}

export async function rssMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

/** User and system time; the kernel counts in hundredths of a second. */
export async function cpuMillis(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
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
