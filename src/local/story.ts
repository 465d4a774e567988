import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Clock, sleep } from "../kernel/clock.ts";
import { intuneSamples } from "./samples.ts";
import { LOCAL_CONSUMER_GROUP, LOCAL_HUB_NAME, type LocalStack, startStack } from "./stack.ts";

export type StoryOptions = {
  /** End once all samples stand in the intake, instead of waiting for the signal. */
  readonly isOnce: boolean;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** One line for each event in the intake. */
  readonly describe: (raw: string) => string;
};

const INTAKE_KEY = "local-intake-key";
const WITHIN_MS = 60_000;

/**
 * The main job on this machine: stack up, sample events into the hub, the trigger as a child process just as the
 * container runs it, and what became of the events.
 * @returns the exit code: 0 when every event stands in the intake and is checkpointed.
 */
export async function tellStory(options: StoryOptions, signal: AbortSignal): Promise<number> {
  const { say } = options;
  const stack = await startStack({ intake: { keys: [INTAKE_KEY] } });
  const folder = mkdtempSync(join(tmpdir(), "eventhub-intake-"));
  try {
    say(`hub      amqp://127.0.0.1:${stack.hub.port}, event hub ${LOCAL_HUB_NAME}, 4 partitions`);
    say(`storage  http://127.0.0.1:${stack.storage.port}, container ${LOCAL_HUB_NAME}`);
    say(`intake   ${stack.intake.url}/events`);
    const sent = sendSamples(stack);
    say(`sent     ${sent} events: five single messages, and one message with a wrapper of five records`);
    stack.writePlatformFiles(folder, {
      hub_connection_string: stack.hub.connectionString(LOCAL_HUB_NAME),
      hub_name: LOCAL_HUB_NAME,
      hub_consumer_group: LOCAL_CONSUMER_GROUP,
      storage_connection_string: stack.storage.connectionString,
      storage_container_name: LOCAL_HUB_NAME,
      intake_key: INTAKE_KEY,
      intake_server: stack.intake.url,
    });
    return await runTrigger(stack, folder, sent, options, signal);
  } finally {
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns how many events went into the hub. */
function sendSamples(stack: LocalStack): number {
  const samples = intuneSamples();
  const hub = stack.hub.hub(LOCAL_HUB_NAME);
  for (const [index, sample] of samples.entries()) hub.append(String(index % 4), [Buffer.from(sample)]);
  hub.append("3", [Buffer.from(`{"records":[${samples.join(",")}]}`)]);
  return samples.length * 2;
}

async function runTrigger(
  stack: LocalStack,
  folder: string,
  sent: number,
  { isOnce, clock, say, describe }: StoryOptions,
  signal: AbortSignal,
): Promise<number> {
  const own = import.meta.url;
  const main = fileURLToPath(new URL(`../main${extname(own)}`, own));
  const child = spawn(process.execPath, [main, "azure_eventhub_messages_trigger"], {
    env: { ...process.env, SYMPHONY_DIR: folder, LIVENESS_PORT: "0", METRICS_PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  createInterface({ input: child.stdout }).on("line", (line) => say(`trigger  ${logText(line)}`));
  const deadlineMs = clock.now() + WITHIN_MS;
  while (
    stack.intake.count() < sent &&
    child.exitCode === null &&
    !signal.aborted &&
    clock.now() < deadlineMs
  ) {
    await sleep(clock, 100, signal).catch(() => undefined);
  }
  for (const event of stack.intake.events({ limit: sent })) say(`event    ${describe(event.raw)}`);
  if (!isOnce && !signal.aborted && child.exitCode === null) {
    say("the stack and the trigger go on; end them by Ctrl-C");
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
  child.kill("SIGTERM");
  const [code] = await exited;
  const accepted = stack.intake.count();
  say(`${sent} events sent, ${accepted} accepted, ${Math.max(0, sent - accepted)} lost`);
  return code === 0 && accepted === sent ? 0 : 1;
}

/** The message of one JSON log line of the trigger. */
function logText(line: string): string {
  try {
    return String((JSON.parse(line) as { message?: unknown }).message ?? line);
  } catch {
    // Not every line of a child must be a log line of ours.
    return line;
  }
}
