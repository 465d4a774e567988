import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { messageOf } from "../../kernel/errors.ts";
import { END_WITH_PARENT } from "../end-with-parent.ts";
import { DevDependencyMissing, LocalServerFailed } from "../errors.ts";

export type StorageOptions = {
  /** 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** The folder of the blobs; a temporary one, removed at the end, unless given. */
  readonly folder?: string | undefined;
};

export type LocalStorage = {
  readonly port: number;
  /** Holds the account key that every Azurite has; it is public. */
  readonly connectionString: string;
  /** The process id of Azurite. */
  readonly pid: number;
  close(): Promise<void>;
};

const HOST = "127.0.0.1";
/** Azurite's documented account, the same on every machine. */
const ACCOUNT = "devstoreaccount1";
const ACCOUNT_KEY =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const LISTENING = /successfully listens on http:\/\/127\.0\.0\.1:(\d+)/;
const START_WITHIN_MS = 30_000;
const END_WITHIN_MS = 3_000;

/**
 * Starts the blob service of Azurite as a child process.
 * @throws DevDependencyMissing without the package azurite; LocalServerFailed when it does not come up.
 */
export async function startStorage(options: StorageOptions = {}): Promise<LocalStorage> {
  const entry = azuriteEntry();
  const temporary =
    options.folder === undefined
      ? await mkdtemp(join(tmpdir(), `eventhub-intake-${process.pid}-`))
      : undefined;
  const folder = options.folder ?? temporary ?? "";
  const child = spawn(
    process.execPath,
    [
      ...END_WITH_PARENT,
      entry,
      ...["--blobHost", HOST, "--blobPort", String(options.port ?? 0), "--location", folder],
      ...["--skipApiVersionCheck", "--disableTelemetry", "--loose", "--silent"],
    ],
    { stdio: ["pipe", "pipe", "pipe"], detached: true },
  );
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const close = async () => {
    await endChild(child, ended);
    if (temporary !== undefined) {
      await rm(temporary, { recursive: true, force: true });
    }
  };
  try {
    const port = await listeningPort(child);
    return { port, connectionString: connectionStringOf(port), pid: child.pid ?? 0, close };
  } catch (cause) {
    await close();
    throw new LocalServerFailed(
      `Azurite did not start on ${HOST}:${options.port ?? "a free port"}: ${messageOf(cause)}; choose another port or folder`,
      { cause },
    );
  }
}

function azuriteEntry(): string {
  try {
    return createRequire(import.meta.url).resolve("azurite/dist/src/blob/main.js");
  } catch (cause) {
    throw new DevDependencyMissing("azurite", "the local storage", { cause });
  }
}

function connectionStringOf(port: number): string {
  return [
    "DefaultEndpointsProtocol=http",
    `AccountName=${ACCOUNT}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=http://${HOST}:${port}/${ACCOUNT}`,
    "",
  ].join(";");
}

/** Waits for the line in which Azurite names its port; it listens by then. */
function listeningPort(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<number> {
  return new Promise((resolve, reject) => {
    const complaints: string[] = [];
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${START_WITHIN_MS} ms`)),
      START_WITHIN_MS,
    );
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      reject(new Error(complaints.join(" ") || "it ended at once"));
    });
    createInterface(child.stderr).on("line", (line) => complaints.push(line));
    createInterface(child.stdout).on("line", (line) => {
      const port = LISTENING.exec(line)?.[1];
      if (port !== undefined) {
        clearTimeout(timer);
        resolve(Number(port));
      }
    });
  });
}

async function endChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
