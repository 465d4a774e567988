import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** What one client found out. */
export type CheckLine = { readonly check: string; readonly passed: boolean; readonly why?: string };

/** A client that can be started; `missing` says why it cannot. */
export type Client = { readonly command: string; readonly args: readonly string[]; readonly cwd: string };
export type Found = Client | { readonly missing: string };

const HERE = import.meta.dirname;
/** Made once, and used again as long as the versions are the same. */
const CACHE = path.join(HERE, "../../node_modules/.cache/interop");
const PREPARE_WITHIN_MS = 300_000;

/** Python's client in a virtual environment of its own. */
export function findPython(): Found {
  if (spawnSync("python3", ["-c", "import venv, ensurepip"]).status !== 0) {
    return { missing: "python3 with its modules venv and ensurepip is not on this machine" };
  }
  const folder = path.join(CACHE, "python");
  const python = path.join(folder, "bin", "python");
  if (!existsSync(python)) {
    mkdirSync(CACHE, { recursive: true });
    const made = prepare("python3", ["-m", "venv", folder], HERE);
    if (made !== undefined) {
      return { missing: made };
    }
  }
  const requirements = path.join(HERE, "python", "requirements.txt");
  const installed = prepare(python, ["-m", "pip", "install", "--quiet", "-r", requirements], HERE);
  return installed === undefined
    ? { command: python, args: [path.join(HERE, "python", "client.py")], cwd: HERE }
    : { missing: installed };
}

/** Go's client, built from a copy, so that no file of the build lies in the project. */
export function findGo(): Found {
  if (spawnSync("go", ["version"]).status !== 0) {
    return { missing: "go is not on this machine" };
  }
  const folder = mkdtempSync(path.join(tmpdir(), "eventhub-intake-interop-"));
  cpSync(path.join(HERE, "go"), folder, { recursive: true });
  const program = path.join(folder, "interop");
  const built = prepare("go", ["build", "-o", program, "."], folder);
  return built === undefined ? { command: program, args: [], cwd: folder } : { missing: built };
}

/** @returns what went wrong. */
function prepare(command: string, args: readonly string[], cwd: string): string | undefined {
  const run = spawnSync(command, args, { cwd, encoding: "utf8", timeout: PREPARE_WITHIN_MS });
  if (run.status === 0) {
    return undefined;
  }
  const last = (run.stderr ?? "").trim().split("\n").at(-1) ?? "";
  return `"${path.basename(command)} ${args.slice(0, 3).join(" ")}" failed: ${last || String(run.error ?? run.signal)}`;
}

/** Starts a client; each line that it writes is read as JSON. */
export function start(
  client: Client,
  args: readonly string[],
  env: Record<string, string>,
  read: (line: unknown) => void,
): { readonly child: ChildProcess; readonly ended: Promise<string> } {
  const child = spawn(client.command, [...client.args, ...args], {
    cwd: client.cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (bytes: Buffer) => {
    errors = `${errors}${bytes.toString()}`.slice(-4000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => read(JSON.parse(line)));
  const ended = new Promise<string>((resolve) => child.once("close", () => resolve(errors)));
  return { child, ended };
}
