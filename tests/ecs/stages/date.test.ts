import fc from "fast-check";
import { expect, test } from "vitest";
import { StageFailure } from "../../../src/ecs/contract/stage.ts";
import { Float, type Value } from "../../../src/ecs/contract/value.ts";
import { dateParse } from "../../../src/ecs/stages/date.ts";
import { STAGES } from "../../../src/ecs/stages/stage-list.ts";

const stage = STAGES.find(({ name }) => name === "date.parse");
/** A Tuesday. */
const NOW_MS = Date.UTC(2026, 10, 24, 12);

function parse(value: Value, format = "", timezone?: string): Value | StageFailure {
  if (stage === undefined) {
    throw new TypeError("there is no date.parse");
  }
  return stage.prepare({ format })({ value, rendered: { timezone }, nowMs: NOW_MS, reads: "all" });
}

test.each<[Value, string]>([
  ["2021-11-23T15:35:08Z", "2021-11-23T15:35:08.000000Z"],
  ["2021-11-23 15:35:08,123456789 +0130", "2021-11-23T14:05:08.123456Z"],
  ["2021-11-23T15:35:08.5+02:0", "2021-11-23T13:35:08.500000Z"],
  ["2021-11-23T15:35:08-05", "2021-11-23T20:35:08.000000Z"],
  ["2021-11-23", "2021-11-23T00:00:00.000000Z"],
  ["20211123", "2021-11-23T00:00:00.000000Z"],
  ["20211123T153508Z", "2021-11-23T15:35:08.000000Z"],
  ["Nov 23 2021 15:35:08", "2021-11-23T15:35:08.000000Z"],
  ["Nov  3 15:35:08.25", "2026-11-03T15:35:08.250000Z"],
  ["23 November 2021 3:35 PM", "2021-11-23T15:35:00.000000Z"],
  ["12:05 am 23 Nov 2021", "2021-11-23T00:05:00.000000Z"],
  ["Tue, 23 Nov 2021 15:35:08 GMT", "2021-11-23T15:35:08.000000Z"],
  ["Tue Nov 23 15:35:08 2021", "2021-11-23T15:35:08.000000Z"],
  ["Tue Nov 23 15:35:08 UTC 2021", "2021-11-23T15:35:08.000000Z"],
  ["Nov 23 2021 15:35:08 +0100", "2021-11-23T14:35:08.000000Z"],
  ["Nov 23 2021 15:35:08 GMT+00:00", "2021-11-23T15:35:08.000000Z"],
  ["Nov 23 2021 15:35:08 GMT+01:00", "2021-11-23T16:35:08.000000Z"],
  ["Nov 23 2021 15:35:08 CEST", "2021-11-23T15:35:08.000000Z"],
  ["2021-11-23 15:35:08 (UTC)", "2021-11-23T15:35:08.000000Z"],
  ["11/23/2021 15:35", "2021-11-23T15:35:00.000000Z"],
  ["02/03/2021 15:35", "2021-02-03T15:35:00.000000Z"],
  ["23/11/2021 15:35", "2021-11-23T15:35:00.000000Z"],
  ["23.11.21", "2021-11-23T00:00:00.000000Z"],
  ["11/23/99", "1999-11-23T00:00:00.000000Z"],
  ["2021/11/23 15:35:08", "2021-11-23T15:35:08.000000Z"],
  ["2021 Nov 23", "2021-11-23T00:00:00.000000Z"],
  ["November 2021", "2021-11-24T00:00:00.000000Z"],
  ["Feb 2021", "2021-02-24T00:00:00.000000Z"],
  ["11/2021", "2021-11-24T00:00:00.000000Z"],
  ["2021/11", "2021-11-24T00:00:00.000000Z"],
  ["23/11", "2026-11-23T00:00:00.000000Z"],
  ["11/23", "2026-11-23T00:00:00.000000Z"],
  ["20211123T153508 +0100", "2021-11-23T14:35:08.000000Z"],
  ["211123", "2021-11-23T00:00:00.000000Z"],
  ["2021", "2021-11-24T00:00:00.000000Z"],
  ["15:35", "2026-11-24T15:35:00.000000Z"],
  ["29 Feb 2024", "2024-02-29T00:00:00.000000Z"],
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"],
])("a date of any form: %s", (value, result) => {
  expect(parse(value)).toBe(result);
});

test.each<[Value, string, string]>([
  ["1637681708541", "", "2021-11-23T15:35:08.541000Z"],
  ["1637681708.541", "", "2021-11-23T15:35:08.541000Z"],
  ["1637681708", "timestamp", "2021-11-23T15:35:08.000000Z"],
  ["123456789", "", "2009-02-13T23:31:30.000000Z"],
  ["60", "timestamp", "1970-01-01T00:01:00.000000Z"],
  [1637681708541234, "", "2021-11-23T15:35:08.541234Z"],
  [1637681708541234567n, "timestamp", "2021-11-23T15:35:08.541235Z"],
  ["1741261413005614959", "timestamp", "2025-03-06T11:43:33.005615Z"],
  ["-116444736000000000", "timestamp", "1966-04-24T06:14:24.000000Z"],
  [1637681708.25, "", "2021-11-23T15:35:08.250000Z"],
  [new Float(1637681708), "", "2021-11-23T15:35:08.000000Z"],
  ["20230718225959.250", "%y%m%d%H%M%S.%f", "2034-02-09T04:23:42.595925Z"],
])("an epoch in any unit: %s %s", (value, format, result) => {
  expect(parse(value, format)).toBe(result);
});

test.each<[string, string, string]>([
  ["23/Nov/2021:15:35:08 +0530", "%d/%b/%Y:%H:%M:%S %z", "2021-11-23T10:05:08.000000Z"],
  ["Tue Nov  3 15:35:08 2021", "%a %b %d %H:%M:%S %Y", "2021-11-03T15:35:08.000000Z"],
  ["tuesday, 3 NOVEMBER 21", "%A, %d %B %y", "2021-11-03T00:00:00.000000Z"],
  ["12:05 AM 99", "%I:%M %p %y", "1999-01-01T00:05:00.000000Z"],
  ["211123153508.5", "%y%m%d%H%M%S.%f", "2021-11-23T15:35:08.500000Z"],
  ["2021-11-23 15:35:08Z", "%Y-%m-%d %H:%M:%S%z", "2021-11-23T15:35:08.000000Z"],
  ["Nov. 23 2021 15:35:08 GMT", "%b. %d %Y %H:%M:%S %Z", "2021-11-23T15:35:08.000000Z"],
  ["100% 2021", "100%% %Y", "2021-01-01T00:00:00.000000Z"],
])("by a format: %s %s", (value, format, result) => {
  expect(parse(value, format)).toBe(result);
});

test.each<[Value, string, string, string]>([
  ["2021-07-01 12:00:00", "", "Europe/Paris", "2021-07-01T10:00:00.000000Z"],
  ["2021-12-01 12:00:00", "", "Europe/Paris", "2021-12-01T11:00:00.000000Z"],
  ["2021-07-01 12:00:00", "", "+0130", "2021-07-01T10:30:00.000000Z"],
  ["2021-07-01 12:00:00", "", "CST", "2021-07-01T18:00:00.000000Z"],
  ["2021-07-01 12:00:00Z", "", "Europe/Paris", "2021-07-01T12:00:00.000000Z"],
  ["1637681708", "timestamp", "+0100", "2021-11-23T14:35:08.000000Z"],
  ["1637681708", "timestamp", "Europe/Paris", "2021-11-23T15:35:08.000000Z"],
])("a time zone: %s %s %s", (value, format, timezone, result) => {
  expect(parse(value, format, timezone)).toBe(result);
});

test.each<[Value, string, string | undefined]>([
  [null, "", undefined],
  [0, "", undefined],
  [true, "", undefined],
  ["yesterday", "", undefined],
  ["2021-02-29", "", undefined],
  ["2021-13-01", "", undefined],
  ["2021-01-01 25:00:00", "", undefined],
  ["23/Nov/2021:15:35:08 +0000", "", undefined],
  ["1 2 3 4", "", undefined],
  ["1 2 3 Nov", "", undefined],
  ["12345", "", undefined],
  ["Nov 1 FOO", "", undefined],
  ["x".repeat(200), "", undefined],
  ["2021-11-23", "", "Mars/Olympus"],
  ["2021-11-23", "%Y", undefined],
  ["2021", "%Q", undefined],
  ["Foo 1", "%b %d", undefined],
  ["2024-W00-1", "%G-W%V-%u", undefined],
  ["2024-W10", "%G-W%V", undefined],
  ["2024 10 1", "%Y %V %u", undefined],
  ["2024 060 2", "%G %j %u", undefined],
  ["2024 000", "%Y %j", undefined],
  ["2024 7", "%Y %w", undefined],
  ["x", "timestamp", undefined],
  ["999999999999", "%Y", undefined],
])("no date: %s %s %s", (value, format, timezone) => {
  const result = parse(value, format, timezone);
  if (value === "999999999999") {
    expect(result).toBe("2286-11-20T17:46:39.990000Z");
  } else {
    expect(result).toBeInstanceOf(StageFailure);
  }
});

test.each([
  { format: "", text: "2021-1-2 3:4:5", expected: "2021-01-02T03:04:05.000000Z" },
  { format: "", text: "2023-1-5T1:2:3Z", expected: "2023-01-05T01:02:03.000000Z" },
  { format: "%c", text: "Tue Nov 23 15:35:08 2021", expected: "2021-11-23T15:35:08.000000Z" },
  { format: "%X %x", text: "15:35:08 11/23/21", expected: "2021-11-23T15:35:08.000000Z" },
  { format: "%%x %Y", text: "%x 2021", expected: "2021-01-01T00:00:00.000000Z" },
  { format: "%Y %j", text: "2024 060", expected: "2024-02-29T00:00:00.000000Z" },
  { format: "%Y %j", text: "2023 366", expected: "2024-01-01T00:00:00.000000Z" },
  { format: "%j", text: "060", expected: "1900-03-01T00:00:00.000000Z" },
  { format: "%Y %m %d %j", text: "2024 02 28 060", expected: "2024-02-29T00:00:00.000000Z" },
  { format: "%Y %U %w", text: "2024 10 3", expected: "2024-03-13T00:00:00.000000Z" },
  { format: "%Y %W %w", text: "2024 10 3", expected: "2024-03-06T00:00:00.000000Z" },
  { format: "%Y %U %w", text: "2024 00 0", expected: "2023-12-31T00:00:00.000000Z" },
  { format: "%Y %W %w", text: "2023 00 1", expected: "2022-12-26T00:00:00.000000Z" },
  { format: "%Y %W %u", text: "2024 53 1", expected: "2024-12-30T00:00:00.000000Z" },
  { format: "%Y %U %a", text: "2024 09 Tue", expected: "2024-03-05T00:00:00.000000Z" },
  { format: "%Y %U", text: "2024 10", expected: "2024-01-01T00:00:00.000000Z" },
  { format: "%A %Y %W", text: "Monday 2024 0", expected: "2024-01-01T00:00:00.000000Z" },
  { format: "%G-W%V-%u", text: "2024-W09-5", expected: "2024-03-01T00:00:00.000000Z" },
  { format: "%G-W%V-%u", text: "2020-W53-7", expected: "2021-01-03T00:00:00.000000Z" },
  { format: "%G-W%V-%w", text: "2024-W09-0", expected: "2024-03-03T00:00:00.000000Z" },
])("Python reads $text by '$format'", ({ format, text, expected }) => {
  const parse = dateParse.prepare(format === "" ? {} : { format });
  expect(parse({ value: text, rendered: {}, nowMs: 0, reads: "all" })).toBe(expected);
});

test("a date in UTC reads as the same date with an offset of nothing", () => {
  const two = (most: number) =>
    fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(2, "0"));
  const fraction = fc.oneof(fc.constant(""), fc.stringMatching(/^\.[0-9]{1,9}$/));
  const run = dateParse.prepare({});
  const read = (value: string) => run({ value, rendered: {}, nowMs: 0, reads: "all" });
  fc.assert(
    fc.property(
      fc.tuple(fc.stringMatching(/^[012][0-9]{3}$/), two(13), two(32), two(24), two(60), two(60), fraction),
      ([year, month, day, hour, minute, second, rest]) => {
        const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}${rest}`;
        const result = read(`${wall}Z`);
        expect(result).toEqual(read(`${wall}+00:00`));
        if (typeof result === "string") {
          const micros = rest.slice(1, 7).padEnd(6, "0");
          expect(result).toBe(`${new Date(`${wall.slice(0, 19)}Z`).toISOString().slice(0, 19)}.${micros}Z`);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
