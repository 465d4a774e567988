import fc from "fast-check";
import { expect, test } from "vitest";
import { type PartitionLook, Watchdog, type WatchdogAdvice } from "../../../src/connector/hub/watchdog.ts";

const look = (
  receivedSequenceNumber: number,
  lastSequenceNumber: number,
  hasCredit = true,
): PartitionLook => ({
  receivedSequenceNumber,
  lastSequenceNumber,
  hasCredit,
});
const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

test.each<{ name: string; looks: PartitionLook[]; advice: WatchdogAdvice[] }>([
  {
    name: "a hub without newer events is fine, however long",
    looks: times(20, look(9, 9)),
    advice: times(20, "fine"),
  },
  { name: "an empty partition is fine", looks: times(20, look(-1, -1)), advice: times(20, "fine") },
  {
    name: "a partition that moves is fine, however far behind",
    looks: Array.from({ length: 20 }, (_, index) => look(index, 1000)),
    advice: times(20, "fine"),
  },
  {
    name: "one that waits for our credit is fine: the intake may be down",
    looks: times(20, look(0, 1000, false)),
    advice: times(20, "fine"),
  },
  {
    name: "one that gets each event between two looks is fine",
    looks: Array.from({ length: 20 }, (_, index) => look(index, index + 1)),
    advice: times(20, "fine"),
  },
  {
    name: "one that stands still is read by a new link, then by a new connection, then reported at each look",
    looks: times(14, look(4, 9)),
    advice: [
      ...times(3, "fine" as const),
      "relink",
      ...times(2, "fine" as const),
      "reconnect",
      ...times(2, "fine" as const),
      ...times(5, "stuck" as const),
    ],
  },
  {
    name: "one that was never read stands still as well",
    looks: times(4, look(-1, 0)),
    advice: ["fine", "fine", "fine", "relink"],
  },
  {
    name: "what came since the last look may be on its way",
    looks: [look(4, 4), look(4, 9), look(4, 9), look(4, 9), look(4, 9)],
    advice: ["fine", "fine", "fine", "fine", "relink"],
  },
  {
    name: "a pause for want of credit begins the patience again",
    looks: [...times(3, look(4, 9)), look(4, 9, false), ...times(3, look(4, 9))],
    advice: [...times(6, "fine" as const), "relink"],
  },
  {
    name: "once it moves, the measures begin again",
    looks: [...times(14, look(4, 9)), ...times(5, look(5, 9))],
    advice: [
      ...times(3, "fine" as const),
      "relink",
      ...times(2, "fine" as const),
      "reconnect",
      ...times(2, "fine" as const),
      ...times(5, "stuck" as const),
      ...times(3, "fine" as const),
      "relink",
      "fine",
    ],
  },
])("$name", ({ looks, advice }) => {
  const watchdog = new Watchdog();
  expect(looks.map((each) => watchdog.look(each))).toEqual(advice);
});

test("whatever it sees, it acts at most at every third look, and never on a partition that just moved", () => {
  const looks = fc.array(
    fc.record({
      receivedSequenceNumber: fc.integer({ min: -1, max: 3 }),
      lastSequenceNumber: fc.integer({ min: -1, max: 3 }),
      hasCredit: fc.boolean(),
    }),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(looks, (all) => {
      const watchdog = new Watchdog();
      let lastAct = Number.NEGATIVE_INFINITY;
      all.forEach((each, index) => {
        const advice = watchdog.look(each);
        if (advice !== "relink" && advice !== "reconnect") {
          return;
        }
        expect(index - lastAct).toBeGreaterThanOrEqual(3);
        expect(all[index - 1]?.receivedSequenceNumber).toBe(each.receivedSequenceNumber);
        lastAct = index;
      });
    }),
  );
});
