import { expect, test } from "vitest";
import { bodiesOf, configOf, HUB, startTestHub } from "../../local/hub/harness.ts";
import { eventually } from "../../support/eventually.ts";
import { Recorder, startConsumer } from "./support/consuming.ts";
import { MemoryStore } from "./support/memory-store.ts";

test("who takes a partition over ends its reader first, and reads after what that one has stored since", async () => {
  const server = await startTestHub({ config: configOf(2) });
  for (const partitionId of ["0", "1"]) {
    server.hub(HUB).append(partitionId, bodiesOf("a", "b"));
  }
  const store = new MemoryStore(() => Date.now());
  const first = await startConsumer(server, { store });
  await eventually(() => first.recorder.received === 4);
  const recorder = new Recorder();
  const second = await startConsumer(server, { store, recorder });
  await eventually(() => first.recorder.opened.some(({ isClosed }) => isClosed));
  const [lost] = first.recorder.opened.filter(({ isClosed }) => isClosed);
  const partitionId = lost?.partitionId ?? "";
  // Nothing is stored yet, so the second would begin at the first event.
  expect(recorder.opened).toEqual([]);
  await store.positions.write(partitionId, lost?.position ?? { offset: "", sequenceNumber: -1 });
  server.hub(HUB).append(partitionId, bodiesOf("c"));
  await eventually(() => recorder.received > 0);
  expect(recorder.bodies(partitionId).map(String)).toEqual(["c"]);
  expect(first.recorder.bodies(partitionId).map(String)).toEqual(["a", "b"]);
  await second.stop();
});

test("a takeover while the store answers nothing waits for the store, and not for more", async () => {
  const server = await startTestHub({ config: configOf(2) });
  for (const partitionId of ["0", "1"]) {
    server.hub(HUB).append(partitionId, bodiesOf("a"));
  }
  const store = new MemoryStore(() => Date.now());
  const first = await startConsumer(server, { store });
  await eventually(() => first.recorder.received === 2);
  let isAway = true;
  store.beforeAnswer = async (call) => {
    if (call === "position" && isAway) {
      throw new Error("the store is away");
    }
  };
  const second = await startConsumer(server, { store });
  await eventually(() => second.lines.some((line) => line.includes("waits for the storage")));
  isAway = false;
  await eventually(() => second.recorder.received === 1);
});
