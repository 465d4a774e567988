import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { RunStatistics } from "../../src/app/telemetry/run-statistics.ts";
import { ProgressLine } from "../../src/cli/progress-line.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** What a terminal of `columns` shows at the end: lines, each overwritten as often as it was cleared. */
function setUp(columns = 100) {
  const clock = new ManualClock();
  const numbers = new RunStatistics(clock);
  const screen = Object.assign(new PassThrough({ encoding: "utf8" }), {
    isTTY: true,
    columns,
    getColorDepth: () => 1,
  });
  let written = "";
  screen.on("data", (chunk: string) => {
    written += chunk;
  });
  const line = new ProgressLine(screen, numbers, clock);
  line.start();
  const lines = () => written.split("\n").map((text) => text.split("\r\u001b[2K").at(-1));
  return { clock, numbers, line, lines, written: () => written };
}

const entry = (message: string) =>
  `${JSON.stringify({ level: "info", time: "2026-11-24T07:08:09.123Z", fields: { a: 1 }, message })}\n`;

test("the line tells rate, lag, pending and the intake's last answer, once a second", () => {
  const { clock, numbers, lines } = setUp();
  clock.advance(1000);
  expect(lines()).toEqual(["0 events/s · lag unknown · pending 0 · intake not asked yet · forwarded 0"]);
  numbers.partitionOpened("0");
  numbers.partitionOpened("1");
  numbers.received("0", 3000);
  numbers.received("1", 500);
  numbers.settled("0", "forwarded", 2000);
  numbers.settled("1", "filtered", 100);
  numbers.lag("0", 40_000);
  numbers.lag("1", 2);
  numbers.answered(200, 12.4);
  clock.advance(999);
  expect(lines()[0]).toContain("forwarded 0");
  clock.advance(1);
  expect(lines()).toEqual([
    "2,000 events/s · lag 40,002 · pending 1,400 · intake HTTP 200 in 12 ms · forwarded 2,000",
  ]);
  numbers.intakeFailing(clock.now());
  numbers.partitionClosed("0");
  clock.advance(4000);
  expect(lines()).toEqual(["0 events/s · lag 2 · pending 400 · intake failing for 4 s · forwarded 2,000"]);
});

test("the log's lines stand above the line, as text that cannot steer the terminal", () => {
  const { clock, line, lines } = setUp();
  line.write(entry("before"));
  clock.advance(1000);
  line.write(entry("red \u001b[31m and\r\nmore"));
  expect(lines()).toEqual([
    "07:08:09 info     before (a=1)",
    "07:08:09 info     red  [31m and more (a=1)",
    expect.stringMatching(/^0 events\/s/),
  ]);
  line.stop();
  expect(lines().at(-1)).toBe("");
  expect(clock.pending).toBe(0);
});

test("the line is cut to the terminal's width, and written only when it changes", () => {
  const { clock, written } = setUp(20);
  clock.advance(1000);
  const once = written();
  expect(once).toBe("\r\u001b[2K0 events/s · lag un");
  clock.advance(5000);
  expect(written()).toBe(once);
});
