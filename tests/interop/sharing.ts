import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ContainerClient } from "@azure/storage-blob";
import { startStack } from "../../src/local/stack.ts";
import { WorkerProcess } from "../chaos/worker-process.ts";
import { until } from "../support/eventually.ts";
import { type CheckLine, type Client, start } from "./clients.ts";

const HUB = "shared";
const GROUP = "soc";
const CONTAINER = "shared";
const PARTITIONS = 8;
const SEND_EVERY_MS = 50;
const SEND_EVENTS = 5;
const SETTLE_WITHIN_MS = 40_000;
const LEASES = { ownershipExpiryMs: 10_000, ownershipUpdateMs: 1000 };
/** At a handover the events since the last checkpoint come twice. */
const DUPLICATES_MAX_SHARE = 0.1;

/**
 * The trigger reads eight partitions; the client joins it, the trigger leaves and comes back, and the client leaves.
 * Each event must come to one of the two.
 */
export async function shareWithTrigger(client: Client): Promise<CheckLine> {
  const seen = new Map<string, number>();
  const counts = { trigger: 0, client: 0 };
  const see = (who: keyof typeof counts, body: string) => {
    counts[who] += 1;
    seen.set(body, (seen.get(body) ?? 0) + 1);
  };
  const Entities = [{ Name: HUB, PartitionCount: PARTITIONS, ConsumerGroups: [{ Name: GROUP }] }];
  const stack = await startStack({
    hubConfig: { UserConfig: { NamespaceConfig: [{ Entities }] } },
    intake: { discard: true, onAccepted: (raw) => see("trigger", raw) },
  });
  const folder = mkdtempSync(path.join(tmpdir(), "eventhub-intake-interop-"));
  const workers: WorkerProcess[] = [];
  let sent = 0;
  const hub = stack.hub.hub(HUB);
  const sending = setInterval(() => {
    for (let count = 0; count < SEND_EVENTS; count += 1) {
      hub.append(String(sent % PARTITIONS), [Buffer.from(`event ${sent}`)]);
      sent += 1;
    }
  }, SEND_EVERY_MS);
  try {
    await new ContainerClient(stack.storage.connectionString, CONTAINER).create();
    stack.writePlatformFiles(folder, {
      hub_connection_string: stack.hub.connectionString(HUB),
      hub_name: HUB,
      hub_consumer_group: GROUP,
      storage_connection_string: stack.storage.connectionString,
      storage_container_name: CONTAINER,
      intake_key: "interop-key",
      intake_server: stack.intake.url,
    });
    const startTrigger = () => {
      const worker = new WorkerProcess("trigger", folder, LEASES);
      workers.push(worker);
      return worker;
    };
    const both = async (what: string, isTrue: () => boolean) => {
      if (!(await until(isTrue, SETTLE_WITHIN_MS))) {
        throw new Error(`${what} did not happen in time`);
      }
    };
    const grown = (who: keyof typeof counts, by: number) => {
      const from = counts[who];
      return () => counts[who] >= from + by;
    };
    const first = startTrigger();
    await both("the trigger's start", grown("trigger", 100));
    const env = {
      HUB_CONNECTION_STRING: stack.hub.connectionString(),
      HUB_NAME: HUB,
      CONSUMER_GROUP: GROUP,
      STORAGE_CONNECTION_STRING: stack.storage.connectionString,
      STORAGE_CONTAINER: CONTAINER,
    };
    const other = start(client, ["consume"], env, (line) => see("client", (line as { body: string }).body));
    await both("the client's first takeover", grown("client", 100));
    first.signal("SIGTERM");
    await first.exited();
    await both("the client's takeover of everything", grown("client", 500));
    startTrigger();
    await both("the trigger's takeover", grown("trigger", 200));
    other.child.stdin?.end();
    await other.ended;
    await both("the trigger's takeover of everything", grown("trigger", 500));
    clearInterval(sending);
    await until(() => seen.size >= sent, SETTLE_WITHIN_MS);
  } catch (thrown) {
    const log = workers.at(-1)?.lines.slice(-5).join("\n") ?? "";
    return { check: NAME, passed: false, why: `${String(thrown)}\n${JSON.stringify(counts)}\n${log}` };
  } finally {
    clearInterval(sending);
    await Promise.all(workers.map((worker) => worker.destroy()));
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const lost = sent - seen.size;
  const twice = [...seen.values()].filter((times) => times > 1).length;
  const figures = `${sent} events: trigger ${counts.trigger}, client ${counts.client}, ${lost} lost, ${twice} came twice`;
  return lost === 0 && twice <= sent * DUPLICATES_MAX_SHARE
    ? { check: `${NAME} (${figures})`, passed: true }
    : { check: NAME, passed: false, why: figures };
}

const NAME = "shares eight partitions with the trigger while both join and leave";
