import { expect, test } from "vitest";
import { countTo, startConsumer } from "../connector/hub/support/consuming.ts";
import { bodiesOf, configOf, HUB, startTestHub } from "../local/hub/harness.ts";
import { eventually } from "../support/eventually.ts";

/** The partitions were asked for at the start alone, so one that was added later was never read. */
test("a partition that the hub gets while we run is read from its first event, even with start_position latest", async () => {
  const server = await startTestHub({ config: configOf(4) });
  const hub = server.hub(HUB);
  const { recorder, lines } = await startConsumer(server, {
    settings: { describeEveryMs: 100, startPosition: { kind: "latest" } },
  });
  await eventually(() => server.stats().receivers.length === 4);
  hub.addPartitions(4);
  for (const id of countTo(8)) {
    hub.append(String(id), bodiesOf("a", "b"));
  }
  await eventually(() => recorder.received === 16);
  expect(recorder.sequenceNumbers("7")).toEqual([0, 1]);
  expect(lines).toContain("info: the hub has a new partition 7; it is read from its first event");
});
