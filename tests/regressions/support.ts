import { onTestFinished } from "vitest";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { GROUP } from "../e2e/support/trigger.ts";
import { startIntake } from "../support/intake-faults.ts";

export const HUB = "logs";

/** A hub's configuration with the trigger's consumer group. */
export const configOf = (partitions: number) => ({
  UserConfig: {
    NamespaceConfig: [
      {
        Entities: [{ Name: HUB, PartitionCount: String(partitions), ConsumerGroups: [{ Name: GROUP }] }],
      },
    ],
  },
});

export const bodies = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => Buffer.from(`${name} ${index}`));

/** A storage, and an intake that keeps each text once; both end with the test. */
export async function startEnds() {
  const storage = await startStorage();
  onTestFinished(() => storage.close());
  const texts = new Set<string>();
  const intake = await startIntake({ onAccepted: (raw) => void texts.add(raw) });
  onTestFinished(() => intake.close());
  return { storage, intake, texts };
}
