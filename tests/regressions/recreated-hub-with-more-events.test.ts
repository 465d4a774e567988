import { expect, onTestFinished, test } from "vitest";
import { type LocalHubServer, startHub } from "../../src/local/hub/server.ts";
import { startTrigger } from "../e2e/support/trigger.ts";
import { eventually } from "../support/eventually.ts";
import { bodies, configOf, HUB, startEnds } from "./support.ts";

const CONFIG = configOf(1);

async function startWorld() {
  const { storage, intake, texts } = await startEnds();
  const old = await startHub({ config: CONFIG, port: 0 });
  old.hub(HUB).append("0", bodies("old", 10));
  const start = (hub: LocalHubServer) => startTrigger({ hub, storage, intake }, HUB);
  /** The same name, and twice as many events as the old one had. */
  const recreate = async () => {
    await old.close();
    const hub = await startHub({
      config: CONFIG,
      port: old.port,
      clock: { now: () => Date.now() + 5000, after: () => () => undefined },
    });
    onTestFinished(() => hub.close());
    hub.hub(HUB).append("0", bodies("new", 20));
    return hub;
  };
  return { old, texts, start, recreate };
}

const newOnes = (texts: ReadonlySet<string>) => [...texts].filter((text) => text.startsWith("new"));

/** The old position is one of the new hub too, so the hub accepted it, and the events before it were skipped. */

test("a hub that was recreated while we were stopped, and has passed the old position, is read from its first event", async () => {
  const { old, texts, start, recreate } = await startWorld();
  const first = start(old);
  await eventually(() => texts.size === 10);
  await first.stop();
  const second = start(await recreate());
  await eventually(
    () => newOnes(texts).length === 20,
    () => [...texts],
  );
  await second.stop();
  expect(second.lines.find(({ message }) => message.includes("the hub does not know"))?.message).toMatch(
    /sequence number 9: .* after the checkpoint\); reading starts at the earliest event/,
  );
}, 60_000);

test("a hub that is recreated while we run, and has passed the old position, is read from its first event", async () => {
  const { old, texts, start, recreate } = await startWorld();
  const trigger = start(old);
  await eventually(() => texts.size === 10);
  await recreate();
  await eventually(
    () => newOnes(texts).length === 20,
    () => [...texts],
  );
  await trigger.stop();
}, 60_000);
