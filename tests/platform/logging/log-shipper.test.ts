import fc from "fast-check";
import { expect, test } from "vitest";
import { LogShipper, type ShipOutcome, type ShippedLine } from "../../../src/platform/logging/log-shipper.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Lets every promise that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function shipperWith(outcome: (attempt: number) => ShipOutcome | Promise<ShipOutcome>) {
  const clock = new ManualClock(Date.UTC(2026, 10, 24, 4, 10, 12, 345));
  const requests: (readonly ShippedLine[])[] = [];
  let lost = 0;
  const shipper = new LogShipper(
    {
      send: async (lines) => outcome(requests.push(lines)),
      lost: (lines) => {
        lost += lines;
      },
    },
    clock,
  );
  return { clock, requests, shipper, lost: () => lost };
}
const messages = (lines: readonly ShippedLine[] = []) => lines.map(({ message }) => message);

test("lines wait for five seconds and then go together, dated in UTC with microseconds and no offset", async () => {
  const { clock, requests, shipper } = shipperWith(() => "taken");
  shipper.ship("info", "one", "");
  shipper.ship("warning", "two", " (partition=0)");
  clock.advance(4999);
  expect(requests).toHaveLength(0);
  clock.advance(1);
  expect(requests).toEqual([
    [
      { date: "2026-11-24T04:10:12.345000", level: "info", message: "one" },
      { date: "2026-11-24T04:10:12.345000", level: "warning", message: "two (partition=0)" },
    ],
  ]);
  await settle();
  expect(clock.pending).toBe(0);
});

test.each(["error", "critical"] as const)("an %s line goes at once, with those before it", (level) => {
  const { requests, shipper } = shipperWith(() => "taken");
  shipper.ship("info", "before", "");
  shipper.ship(level, "now", "");
  expect(messages(requests[0])).toEqual(["before", "now"]);
});

test("fifty lines go at once", () => {
  const { requests, shipper } = shipperWith(() => "taken");
  for (let line = 0; line < 50; line++) {
    expect(requests).toHaveLength(0);
    shipper.ship("info", `line ${line}`, "");
  }
  expect(requests[0]).toHaveLength(50);
});

test("the same message goes once a minute whatever its details, a critical one always", async () => {
  const { clock, requests, shipper } = shipperWith(() => "taken");
  shipper.ship("error", "again", " (a=1)");
  shipper.ship("error", "again", " (a=2)");
  shipper.ship("warning", "again", "");
  shipper.ship("critical", "again", "");
  shipper.ship("critical", "again", "");
  clock.advance(60_000);
  shipper.ship("error", "again", "");
  await settle();
  expect(requests.flat().map(({ level }) => level)).toEqual([
    "error",
    "warning",
    "critical",
    "critical",
    "error",
  ]);
});

test("lines that were not taken go with the next flush, in their order", async () => {
  const { clock, requests, shipper, lost } = shipperWith((attempt) => (attempt === 1 ? "failed" : "taken"));
  shipper.ship("error", "first", "");
  await settle();
  shipper.ship("error", "second", "");
  expect(requests, "a failing endpoint is left alone until the next flush").toHaveLength(1);
  clock.advance(5000);
  expect(requests.map(messages)).toEqual([["first"], ["first", "second"]]);
  expect(lost()).toBe(0);
});

test("lines that will never be taken are lost and counted", async () => {
  const { shipper, requests, lost } = shipperWith(() => "refused");
  shipper.ship("error", "first", "");
  await settle();
  expect([requests.length, lost()]).toEqual([1, 1]);
});

test("an endpoint that never answers costs one request and a bounded number of lines", async () => {
  const { shipper, requests, clock, lost } = shipperWith(() => new Promise(() => {}));
  for (let line = 0; line < 5000; line++) {
    shipper.ship("error", `line ${line}`, "x".repeat(10_000));
    clock.advance(100);
  }
  await settle();
  expect(requests).toHaveLength(1);
  expect(lost()).toBe(5000 - 1 - 1000);
});

test("close sends what waits; after its deadline the rest is lost and counted", async () => {
  const good = shipperWith(() => "taken");
  good.shipper.ship("info", "last", "");
  await good.shipper.close(2000);
  expect(messages(good.requests[0])).toEqual(["last"]);
  expect([good.lost(), good.clock.pending]).toEqual([0, 0]);
  good.shipper.ship("error", "after the end", "");
  expect(good.requests).toHaveLength(1);

  const dead = shipperWith(() => new Promise(() => {}));
  dead.shipper.ship("error", "under way", "");
  dead.shipper.ship("info", "waiting", "");
  const closed = dead.shipper.close(2000);
  dead.clock.advance(2000);
  await closed;
  expect([dead.lost(), dead.clock.pending]).toEqual([1, 0]);
});

test("a message as long as a book is cut", () => {
  const { requests, shipper } = shipperWith(() => "taken");
  shipper.ship("error", "x".repeat(100_000), "");
  expect(requests[0]?.[0]?.message).toHaveLength(8192);
});

test("every line is taken once, in order, or counted as lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<ShipOutcome>("taken", "refused", "failed")),
      fc.nat(300),
      async (outcomes, lines) => {
        const taken: string[] = [];
        const { clock, shipper, requests, lost } = shipperWith((attempt) => {
          const outcome = outcomes[attempt - 1] ?? "taken";
          if (outcome === "taken") {
            taken.push(...messages(requests[attempt - 1]));
          }
          return outcome;
        });
        for (let line = 0; line < lines; line++) {
          shipper.ship(line % 7 === 0 ? "error" : "info", `${line}`.padStart(4, "0"), "");
          if (line % 11 === 0) {
            clock.advance(1000);
            await settle();
          }
        }
        while (clock.pending > 0) {
          clock.advance(5000);
          await settle();
        }
        await shipper.close(1000);
        expect(taken).toEqual([...new Set(taken)].sort());
        expect(taken.length + lost()).toBe(lines);
      },
    ),
    { numRuns: 30 },
  );
});
