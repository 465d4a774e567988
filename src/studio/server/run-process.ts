import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { TRIGGER_COMMAND } from "../../app/settings.ts";
import { END_WITH_PARENT } from "../../local/end-with-parent.ts";

/** The trigger promises to end sooner. */
const END_WITHIN_MS = 20_000;

export type RunFiles = {
  readonly settings: Readonly<Record<string, unknown>>;
  /** The platform's part, for this run alone. */
  readonly callbackUrl: string;
  readonly token: string;
};

export type Exit = { readonly code: number | null; readonly isForced: boolean; readonly wasAsked: boolean };

/** The trigger as the platform runs it: the container's entry as a process, its command, and a folder of platform files. */
export class RunProcess {
  readonly pid: number | undefined;
  readonly exited: Promise<Exit>;
  readonly #child: ReturnType<typeof spawn>;
  readonly #ports = new Map<string, string>();
  #wasAsked = false;
  #isForced = false;

  constructor(files: RunFiles) {
    const folder = mkdtempSync(join(tmpdir(), "eventhub-intake-run-"));
    const texts = {
      module_configuration: "{}",
      trigger_configuration: JSON.stringify(files.settings),
      token: files.token,
      url_callback: files.callbackUrl,
      url_logs: files.callbackUrl.replace(/callback$/, "logs"),
      url_secrets: files.callbackUrl.replace(/callback$/, "secrets"),
      liveness_port: "0",
      metrics_port: "0",
    };
    for (const [name, text] of Object.entries(texts))
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    const own = import.meta.url;
    const entry = fileURLToPath(new URL(`../../main${extname(own)}`, own));
    const args = [TRIGGER_COMMAND, "--symphony-dir", folder];
    const child = spawn(process.execPath, [...END_WITH_PARENT, entry, ...args], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    this.#child = child;
    this.pid = child.pid;
    createInterface({ input: child.stdout }).on("line", (line) => this.#readLine(line));
    this.exited = once(child, "exit").then(([code]: unknown[]) => {
      rmSync(folder, { recursive: true, force: true });
      return {
        code: typeof code === "number" ? code : null,
        isForced: this.#isForced,
        wasAsked: this.#wasAsked,
      };
    });
  }

  /** Asks it to drain; it is ended by force if it does not. */
  stop(): void {
    if (this.#wasAsked) return;
    this.#wasAsked = true;
    this.end();
  }

  /** As the platform does after a critical line. */
  end(): void {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => {
      this.#isForced = true;
      this.#child.kill("SIGKILL");
    }, END_WITHIN_MS);
    void this.exited.then(() => clearTimeout(timer));
  }

  /** One of its pages; undefined while it is not served. */
  async page(path: string): Promise<string | undefined> {
    const port = this.#ports.get(path);
    if (port === undefined) return undefined;
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        signal: AbortSignal.timeout(2000),
      });
      return answer.ok ? await answer.text() : undefined;
    } catch {
      // It is ending, or too busy; the next second asks again.
      return undefined;
    }
  }

  /** Its own output tells the ports that it took; what it logs comes by the platform's API. */
  #readLine(line: string): void {
    const path = /"message":"(\/\w+) is served"/.exec(line)?.[1];
    const port = /"port":(\d+)/.exec(line)?.[1];
    if (path !== undefined && port !== undefined) this.#ports.set(path, port);
  }
}
