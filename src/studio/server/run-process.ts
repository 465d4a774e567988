import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnTrigger, type TriggerProcess } from "../../local/trigger-process.ts";

/** The trigger promises to end sooner. */
const END_WITHIN_MS = 20_000;

export type RunFiles = {
  readonly settings: Readonly<Record<string, unknown>>;
  /** The platform's part, for this run alone. */
  readonly callbackUrl: string;
  readonly token: string;
};

export type Exit = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly isForced: boolean;
  readonly wasAsked: boolean;
};

/** The trigger as the platform runs it: the container's entry as a process, its command, and a folder of platform files. */
export class RunProcess {
  readonly pid: number | undefined;
  readonly exited: Promise<Exit>;
  readonly #trigger: TriggerProcess;
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
    for (const [name, text] of Object.entries(texts)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
    // What it logs comes by the platform's API.
    this.#trigger = spawnTrigger(folder, "ignore");
    const { child } = this.#trigger;
    this.pid = child.pid;
    this.exited = once(child, "exit").then(([code, signal]: unknown[]) => {
      rmSync(folder, { recursive: true, force: true });
      return {
        code: typeof code === "number" ? code : null,
        signal: typeof signal === "string" ? signal : null,
        isForced: this.#isForced,
        wasAsked: this.#wasAsked,
      };
    });
  }

  /** Asks it to drain; it is ended by force if it does not. */
  stop(): void {
    if (this.#wasAsked) {
      return;
    }
    this.#wasAsked = true;
    this.end();
  }

  /** As the platform does after a critical line. */
  end(): void {
    this.#trigger.child.kill("SIGTERM");
    const timer = setTimeout(() => {
      this.#isForced = true;
      this.#trigger.child.kill("SIGKILL");
    }, END_WITHIN_MS);
    void this.exited.then(() => clearTimeout(timer));
  }

  /** One of its pages; undefined while it is not served. */
  async page(path: string): Promise<string | undefined> {
    const url = this.#trigger.pageUrl(path);
    if (url === undefined) {
      return undefined;
    }
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
      return answer.ok ? await answer.text() : undefined;
    } catch {
      // It is ending, or too busy; the next second asks again.
      return undefined;
    }
  }
}
