import { expect, onTestFinished, test } from "vitest";
import { startTrigger } from "../e2e/support/trigger.ts";
import { eventually } from "../support/eventually.ts";
import { startHub } from "../support/hub-faults.ts";
import { bodies, configOf, HUB, startEnds } from "./support.ts";

const CONFIG = configOf(2);

async function startWorld() {
  const { storage, intake, texts } = await startEnds();
  const hub = await startHub({ config: CONFIG, port: 0 });
  onTestFinished(() => hub.close());
  const start = () => startTrigger({ hub, storage, intake }, HUB, { start_position: "latest" });
  const isRead = () => hub.stats().receivers.length === 2;
  return { hub, intake, texts, start, isRead };
}

/** `latest` was asked of the hub at each new link, so all that came between two links was skipped. */

test("with start_position latest, events that come while the intake is down and we are stopped are read at the next start", async () => {
  const { hub, intake, texts, start, isRead } = await startWorld();
  hub.hub(HUB).append("0", bodies("old", 5));
  const first = start();
  await eventually(isRead);
  await intake.faults.down();
  hub.hub(HUB).append("0", bodies("intake down", 3));
  hub.hub(HUB).append("1", bodies("first of its partition", 3));
  await first.stop();
  hub.hub(HUB).append("0", bodies("stopped", 3));
  await intake.faults.up();
  const second = start();
  await eventually(
    () => texts.size === 9,
    () => [...texts],
  );
  expect([...texts].filter((text) => text.startsWith("old"))).toEqual([]);
  await second.stop();
}, 60_000);

test("with start_position latest, events that come while the link is cut are read by the next link", async () => {
  const { hub, texts, start, isRead } = await startWorld();
  const trigger = start();
  await eventually(isRead);
  await hub.faults.down();
  hub.hub(HUB).append("0", bodies("cut", 4));
  await hub.faults.up();
  await eventually(() => texts.size === 4);
  await trigger.stop();
}, 60_000);
