import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerClient } from "@azure/storage-blob";
import { type Clock, sleep } from "../kernel/clock.ts";
import { alertLine } from "./alert-line.ts";
import { LOCAL_CONSUMER_GROUP, LOCAL_HUB_NAME } from "./defaults.ts";
import type { DetectionOptions } from "./intake/alerts/detection.ts";
import type { FormatInUse } from "./intake/format-in-use.ts";
import { intuneSamples } from "./samples.ts";
import { type LocalStack, type Ports, startStack } from "./stack.ts";
import { startTriggerChild, type TriggerChild } from "./trigger-child.ts";

export type DemoOptions = {
  /** End once all samples stand in the intake, instead of waiting for the signal. */
  readonly isOnce: boolean;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** How the intake parses events, and what is said of each in one line. */
  readonly format: Pick<FormatInUse, "folder" | "listen" | "describe">;
  /** What the events are held against; nothing unless given. */
  readonly detection?: DetectionOptions;
  /**
   * Opens a page over the stack that goes on; it is closed before the stack.
   * `handOver` ends our trigger, so that one of the page's has the hub for itself.
   */
  readonly openPage?: (
    stack: LocalStack,
    intakeKey: string,
    handOver: () => Promise<void>,
  ) => Promise<DemoPage>;
};

/** The address holds the key to the page. */
export type DemoPage = { readonly address: string; close(): Promise<void> };

const INTAKE_KEY = "local-intake-key";
const CONTAINER = LOCAL_HUB_NAME;
const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;
const SHOWN_ALERTS = 20;
/** Events of one look that are shown one by one. */
const SHOWN_AT_ONCE = 50;

/**
 * The main job on this machine: stack up, sample events into the hub, the trigger as a child process just as the
 * container runs it, and what became of the events.
 * @returns the exit code: 0 when every sample stood in the intake and was checkpointed, and the trigger ended well.
 */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const { say, format } = options;
  const stack = await startStack({
    ports: options.ports,
    intake: { keys: [INTAKE_KEY], format, detection: options.detection },
  });
  const folder = mkdtempSync(join(tmpdir(), "eventhub-intake-"));
  let page: DemoPage | undefined;
  const reader: Reader = { trigger: undefined, isHandedOver: false };
  const handOver = async () => {
    if (!reader.isHandedOver) {
      reader.isHandedOver = true;
      say("trigger       ends here: the run of the page's playbook reads the hub from now on");
    }
    await reader.trigger?.stop();
  };
  try {
    page = options.isOnce ? undefined : await options.openPage?.(stack, INTAKE_KEY, handOver);
    if (page !== undefined) {
      say(`studio        ${page.address}`);
    }
    say(`hub           amqp://127.0.0.1:${stack.hub.port}, event hub ${LOCAL_HUB_NAME}, 4 partitions`);
    say(`storage       http://127.0.0.1:${stack.storage.port}, container ${CONTAINER}`);
    say(`intake        ${stack.intake.url}/events`);
    const sent = sendSamples(stack);
    say(`sent          ${sent} events: five single messages, and one message with a wrapper of five records`);
    stack.writePlatformFiles(folder, {
      hub_connection_string: stack.hub.connectionString(LOCAL_HUB_NAME),
      hub_name: LOCAL_HUB_NAME,
      hub_consumer_group: LOCAL_CONSUMER_GROUP,
      storage_connection_string: stack.storage.connectionString,
      storage_container_name: CONTAINER,
      intake_key: INTAKE_KEY,
      intake_server: stack.intake.url,
    });
    const trigger = startTriggerChild(folder, (line) => say(`trigger       ${line}`));
    reader.trigger = trigger;
    try {
      return await follow(stack, { trigger, isHandedOver: () => reader.isHandedOver }, sent, options, signal);
    } finally {
      // Also when the demo broke off; a trigger that has ended stays as it is.
      await trigger.stop();
    }
  } finally {
    await page?.close();
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Reader = { trigger: TriggerChild | undefined; isHandedOver: boolean };

/** @returns how many events went into the hub. */
function sendSamples(stack: LocalStack): number {
  const samples = intuneSamples();
  const hub = stack.hub.hub(LOCAL_HUB_NAME);
  for (const [index, sample] of samples.entries()) {
    hub.append(String(index % 4), [Buffer.from(sample)]);
  }
  hub.append("3", [Buffer.from(`{"records":[${samples.join(",")}]}`)]);
  return samples.length * 2;
}

async function follow(
  stack: LocalStack,
  { trigger, isHandedOver }: { readonly trigger: TriggerChild; readonly isHandedOver: () => boolean },
  sent: number,
  { isOnce, clock, say, format }: DemoOptions,
  signal: AbortSignal,
): Promise<number> {
  const deadlineMs = clock.now() + WITHIN_MS;
  const goesOn = () => (trigger.isRunning() || isHandedOver()) && !signal.aborted;
  const pause = () => sleep(clock, LOOK_EVERY_MS, signal).catch(() => undefined);
  while (goesOn() && clock.now() < deadlineMs && stack.intake.count() < sent) {
    await pause();
  }
  while (goesOn() && clock.now() < deadlineMs && !(await isCheckpointed(stack))) {
    await pause();
  }
  await stack.intake.settled(WITHIN_MS);
  for (const event of stack.intake.events({ limit: sent })) {
    say(`event         ${format.describe(event)}`);
  }
  const { stored } = stack.intake.alerts;
  for (const alert of stored.find({ limit: SHOWN_ALERTS })) {
    say(alertLine(alert));
  }
  const accepted = stack.intake.count();
  say(`alerts        ${stored.openCount} open`);
  say(`forwarded     ${await trigger.forwarded()} events, as the trigger counts`);
  say(`acknowledged  ${accepted} events, as the intake counts`);
  const positions = await checkpoints(stack);
  say(`checkpointed  ${[...positions].map(([id, number]) => `partition ${id} at ${number}`).join(", ")}`);
  const isDone = accepted === sent && (await isCheckpointed(stack));
  say(`${sent} events sent, ${accepted} accepted, ${Math.max(0, sent - accepted)} lost`);
  if (!isOnce && goesOn()) {
    say(`send more     npx eventhub-intake send --port ${stack.hub.port}`);
    say("the stack and the trigger go on; end them with Ctrl-C");
    await followOn(stack, { say, format, pause, goesOn });
  }
  const code = await trigger.stop();
  return isDone && code === 0 ? 0 : 1;
}

type Following = Pick<DemoOptions, "say" | "format"> & {
  readonly pause: () => Promise<void>;
  readonly goesOn: () => boolean;
};

/** Shows each event that a person sends on top, until the end; of a flood, the newest of every moment. */
async function followOn(stack: LocalStack, { say, format, pause, goesOn }: Following): Promise<void> {
  let after = stack.intake.events({ limit: 1 })[0]?.number ?? 0;
  const end = stack.intake.alerts.listen((changed) => {
    for (const alert of changed.filter(({ isOpen }) => isOpen)) {
      say(alertLine(alert));
    }
  });
  while (goesOn()) {
    await pause();
    const shown = stack.intake.events({ after, limit: SHOWN_AT_ONCE });
    const newest = shown[0]?.number ?? after;
    const hidden = newest - after - shown.length;
    after = newest;
    if (hidden > 0) {
      say(`event         (${hidden.toLocaleString("en-GB")} more)`);
    }
    for (const event of shown.toReversed()) {
      say(`event         ${format.describe(event)}`);
    }
  }
  end();
}

/** True once the stored positions are the last events of all partitions. */
async function isCheckpointed(stack: LocalStack): Promise<boolean> {
  const hub = stack.hub.hub(LOCAL_HUB_NAME);
  const positions = await checkpoints(stack);
  return hub.partitionIds.every(
    (id) => hub.state(id).isEmpty || positions.get(id) === hub.state(id).lastSequenceNumber,
  );
}

/** The stored sequence number of each partition, read from the storage as any consumer would. */
async function checkpoints(stack: LocalStack): Promise<ReadonlyMap<string, number>> {
  const container = new ContainerClient(stack.storage.connectionString, CONTAINER);
  if (!(await container.exists())) {
    return new Map();
  }
  const prefix =
    `localhost:${stack.hub.port}/${LOCAL_HUB_NAME}/${LOCAL_CONSUMER_GROUP}/checkpoint/`.toLowerCase();
  const found = new Map<string, number>();
  for await (const { name, metadata } of container.listBlobsFlat({ prefix, includeMetadata: true })) {
    found.set(name.slice(prefix.length), Number(metadata?.["sequencenumber"]));
  }
  return found;
}
