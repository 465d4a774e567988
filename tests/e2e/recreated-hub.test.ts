import { ContainerClient } from "@azure/storage-blob";
import { expect, onTestFinished, test } from "vitest";
import { startHub } from "../../src/local/hub/server.ts";
import { startIntake } from "../../src/local/intake/server.ts";
import { startStorage } from "../../src/local/storage/azurite.ts";
import { GROUP, startTrigger } from "./support/trigger.ts";

const HUB = "logs";
const CONFIG = {
  UserConfig: {
    NamespaceConfig: [{ Entities: [{ Name: HUB, PartitionCount: "1", ConsumerGroups: [{ Name: GROUP }] }] }],
  },
};
const bodies = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => Buffer.from(`${name} ${index}`));

test("a hub that is deleted and recreated while we run is read from its first event, and checkpointed", async () => {
  const storage = await startStorage();
  onTestFinished(() => storage.close());
  const intake = await startIntake();
  onTestFinished(() => intake.close());
  const old = await startHub({ config: CONFIG, port: 0 });
  old.hub(HUB).append("0", bodies("old", 10));
  const trigger = startTrigger({ hub: old, storage, intake }, HUB);
  const stored = async () => {
    const container = new ContainerClient(storage.connectionString, HUB);
    const blob = container.getBlobClient(`localhost:${old.port}/${HUB}/${GROUP}/checkpoint/0`);
    return (await blob.getProperties().catch(() => undefined))?.metadata?.["sequencenumber"];
  };
  await expect.poll(stored, { timeout: 20_000 }).toBe("9");
  await old.close();
  const created = await startHub({ config: CONFIG, port: old.port });
  onTestFinished(() => created.close());
  created.hub(HUB).append("0", bodies("new", 3));
  await expect.poll(stored, { timeout: 20_000 }).toBe("2");
  await trigger.stop();
  expect(intake.count()).toBe(13);
  expect(trigger.lines.find(({ level }) => level === "error")?.message).toMatch(
    /checkpoint of partition 0, sequence number 9: it holds 0 to 2.*reading starts at the earliest event/,
  );
});
