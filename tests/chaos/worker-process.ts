import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Leases } from "../../src/app/forward.ts";
import { END_WITH_PARENT } from "../../src/local/end-with-parent.ts";

type LogLine = {
  readonly level?: string;
  readonly message?: string;
  readonly fields?: { readonly port?: number };
};

/** Lines kept for the report of a failure. */
const LINES_MAX = 400;
const entry = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** One connector process, started as the container starts it. */
export class WorkerProcess {
  readonly name: string;
  /** The last lines of its log. */
  readonly lines: string[] = [];
  readonly criticals: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #ports = new Map<string, number>();
  #peakRssBytes = 0;

  /** @param clockSkewMs How far its clock is ahead of the machine's. */
  constructor(name: string, symphonyDir: string, leases: Leases, clockSkewMs = 0) {
    this.name = name;
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", ...END_WITH_PARENT, entry, "azure_eventhub_messages_trigger"],
      {
        env: {
          ...process.env,
          SYMPHONY_DIR: symphonyDir,
          LIVENESS_PORT: "0",
          METRICS_PORT: "0",
          LEASES: JSON.stringify(leases),
          CLOCK_SKEW_MS: String(clockSkewMs),
        },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
      },
    );
    this.#child = child;
    this.#exited = (once(child, "exit") as Promise<[number | null]>).then(([code]) => code);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.#read(line));
    }
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Whether it has got as far as its pages. */
  get isServing(): boolean {
    return this.#ports.size > 0;
  }

  /** The most memory it has ever had, as far as it was looked at; 0 where the system does not tell. */
  get peakRssBytes(): number {
    this.observeMemory();
    return this.#peakRssBytes;
  }

  observeMemory(): void {
    if (!this.isRunning) {
      return;
    }
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
      this.#peakRssBytes = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      // It has just ended, or the system has no such files.
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves with the exit code; `null` after a signal that ended it. */
  exited(): Promise<number | null> {
    return this.#exited;
  }

  /** Ends it, whatever state it is in. */
  async destroy(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** The JSON of one of its pages; undefined when it does not serve it. */
  async page(path: "/health" | "/ledger"): Promise<unknown> {
    const port = this.#ports.get(path);
    if (port === undefined || !this.isRunning) {
      return undefined;
    }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
    return answer.json();
  }

  #read(line: string): void {
    this.lines.push(line.slice(0, 400));
    if (this.lines.length > LINES_MAX) {
      this.lines.shift();
    }
    let entryOfLog: LogLine;
    try {
      entryOfLog = JSON.parse(line) as LogLine;
    } catch {
      // Not every line of a child must be a log line of ours.
      return;
    }
    const served = /^(\/\w+) is served at /.exec(entryOfLog.message ?? "")?.[1];
    if (served !== undefined && entryOfLog.fields?.port !== undefined) {
      this.#ports.set(served, entryOfLog.fields.port);
    }
    if (entryOfLog.level === "critical") {
      this.criticals.push(entryOfLog.message ?? "");
    }
  }
}
