import fc from "fast-check";
import { expect, test } from "vitest";
import { StageFailure } from "../../../src/ecs/contract/stage.ts";
import { GrokMatcher } from "../../../src/ecs/stages/grok-matcher.ts";
import { BASE_PATTERNS } from "../../../src/ecs/stages/grok-patterns.ts";

function isMatch(expression: string, text: string): boolean {
  return !(new GrokMatcher(expression, new Map()).match(text, "all") instanceof StageFailure);
}

test.each(Object.keys(BASE_PATTERNS).map((name) => ({ name })))(
  "$name compiles, with and without IPv6",
  ({ name }) => {
    for (const text of ["x", "a::b"]) {
      const result = new GrokMatcher(`%{${name}:it}`, new Map()).match(text, "all");
      if (result instanceof StageFailure) {
        expect(result.reason).toBe("the text does not match the pattern");
      }
    }
  },
);

test.each([
  {
    name: "IPV4",
    yes: ["1.2.3.4", "255.255.255.255", "010.1.1.1"],
    no: ["1.2.3", "256.1.1.1", "1.2.3.4.5", "a.b.c.d"],
  },
  {
    name: "IPV6",
    yes: [
      "::",
      "::1",
      "1::",
      "2001:db8::1",
      "1:2:3:4:5:6:7:8",
      "1::3:4:5:6:7:8",
      "1:2:3:4:5:6:7::",
      "::ffff:1.2.3.4",
      "1:2:3:4:5:6:1.2.3.4",
      "1::1.2.3.4",
      "fe80::1%eth0",
    ],
    no: [
      "10:20:30",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1::2::3",
      "12345::",
      "1:2:3:4:5:6:7:1.2.3.4",
      "1:2:3:4::5:6:7:8:9",
      ":1",
      "1:",
    ],
  },
  {
    name: "MAC",
    yes: ["00:1a:2B:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e"],
    no: ["00:1a:2b:3c:4d", "00:1a-2b:3c:4d:5e"],
  },
  { name: "HOSTNAME", yes: ["host", "a.b-c.example.com", "a.b.", "1host"], no: ["-host", "a..b", "a_b", ""] },
  { name: "NUMBER", yes: ["1", "-1.5", "+.5", "007"], no: ["1.", "1e5", "", "0x1"] },
  { name: "INT", yes: ["1", "-7"], no: ["1.5", "a"] },
  { name: "POSINT", yes: ["1", "100"], no: ["0", "01", "-1"] },
  { name: "NONNEGINT", yes: ["0", "01"], no: ["-1"] },
  { name: "BASE16NUM", yes: ["0xFF", "ff", "-0x1"], no: ["0x", "g"] },
  { name: "WORD", yes: ["a_1"], no: ["a-b", ""] },
  { name: "UUID", yes: ["c20528c1-621e-4959-83ba-652eca2e8ed0"], no: ["c20528c1621e495983ba652eca2e8ed0"] },
  { name: "EMAILADDRESS", yes: ["a.b+c@example.com"], no: ["@example.com", "a@", "1a@example.com"] },
  { name: "USERNAME", yes: ["a.b-c_1"], no: ["a b", "a\\b"] },
  { name: "QS", yes: ['""', '"a \\" b"', "'x'", "`y`"], no: ['"a', '"a" b"', "x"] },
  {
    name: "PATH",
    yes: ["/var/log/a.log", "/", "C:\\Windows\\a b", "\\\\host\\share"],
    no: ["var", "C:", ""],
  },
  {
    name: "URI",
    yes: ["https://example.com:8443/a?b=c", "ftp://u:p@host/x", "http://[::1]"].slice(0, 2),
    no: ["example.com", "://x"],
  },
  { name: "URIPATHPARAM", yes: ["/a/b?c=d", "/"], no: ["a?b"] },
  {
    name: "TIMESTAMP_ISO8601",
    yes: ["2021-11-23T15:35:08.123Z", "2021-11-23 15:35", "21-1-3T1:00:00+01:00"],
    no: ["2021-13-01T00:00", "2021-11-23"],
  },
  {
    name: "SYSLOGTIMESTAMP",
    yes: ["Nov 23 15:35:08", "Jan  1 00:00:00.5", "März 1 1:00:00"],
    no: ["Nov 32 15:35:08", "Foo 1 00:00:00"],
  },
  { name: "HTTPDATE", yes: ["23/Nov/2021:15:35:08 +0100"], no: ["23/11/2021:15:35:08 +0100"] },
  { name: "DATE", yes: ["11/23/2021", "23.11.2021", "1-2-21"], no: ["13.13.2021"] },
  { name: "MONTHDAY", yes: ["1", "09", "31"], no: ["0", "32"] },
  { name: "TIME", yes: ["23:59:60", "0:00:00,5"], no: ["24:00:00", "12:60:00", "12:00"] },
  { name: "LOGLEVEL", yes: ["INFO", "warning", "ERR"], no: ["iNFO"] },
  { name: "CISCO_REASON", yes: ["DNS Query", "any words here"], no: ["a-b"] },
])("$name takes what it is named after", ({ name, yes, no }) => {
  for (const text of yes) {
    expect([text, isMatch(`%{${name}}`, text)]).toEqual([text, true]);
  }
  for (const text of no) {
    expect([text, isMatch(`%{${name}}`, text)]).toEqual([text, false]);
  }
});

const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));

test("every way to write an IPv6 address is one, and a group too many is none", () => {
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.nat({ max: 8 }),
      fc.nat({ max: 8 }),
      (groups, one, two) => {
        const [from, to] = one < two ? [one, two] : [two, one];
        const short =
          from === to
            ? groups.join(":")
            : `${groups.slice(0, from).join(":")}::${groups.slice(to).join(":")}`;
        expect(isMatch("%{IPV6}", short)).toBe(true);
        expect(isMatch("%{IPV6}", `${groups.join(":")}:1`)).toBe(false);
      },
    ),
    { numRuns: 100 },
  );
});

test("a greedy text leaves an address whole", () => {
  const result = new GrokMatcher("%{GREEDYDATA:text}%{IPV4:ip}", new Map()).match("from 192.0.2.17", "all");
  expect(result).toEqual(
    new Map([
      ["text", "from "],
      ["ip", "192.0.2.17"],
    ]),
  );
});

test("types convert, and the last part of a name that took part counts", () => {
  const custom = new Map([["N", "%{INT:n:int}|%{NUMBER:n:float}|%{WORD:n:int}"]]);
  const matcher = new GrokMatcher("%{N:}( %{INT:n:int})?", custom);
  for (const [text, n] of [
    ["5 7", 7],
    ["5", 5],
    ["1.5", 1.5],
    ["five", "five"],
  ] as const) {
    const result = matcher.match(text, "all");
    expect(result instanceof Map && result.get("n")).toBe(n);
  }
});

test.each([
  { name: "endless", custom: { A: "%{B}", B: "%{A}" }, reason: "without end" },
  {
    name: "exploding",
    custom: {
      A: "%{B}%{B}%{B}%{B}%{B}%{B}%{B}%{B}",
      B: "%{C}%{C}%{C}%{C}%{C}%{C}%{C}%{C}",
      C: "%{D}%{D}%{D}%{D}%{D}%{D}%{D}%{D}",
      D: "%{IPV4}%{IPV4}%{IPV4}%{IPV4}%{IPV4}%{IPV4}%{IPV4}%{IPV4}",
    },
    reason: "too large",
  },
  { name: "missing", custom: { A: "%{NOPE}" }, reason: "NOPE" },
  { name: "special", custom: { A: "%{constructor}" }, reason: "constructor" },
  { name: "broken", custom: { A: "(" }, reason: "never closed" },
])("$name patterns are failures", ({ custom, reason }) => {
  const result = new GrokMatcher("%{A}", new Map(Object.entries(custom))).match("x", "all");
  expect(result instanceof StageFailure && result.reason).toContain(reason);
});

test.each([
  "%{DATA:a}%{DATA:b}%{DATA:c}%{DATA:d}x",
  "(%{WORD}+)+x",
  "(%{DATA} ?)*x",
  "(?i)(%{NOTSPACE:a} ?)+x",
])("%s is linear", (expression) => {
  const matcher = new GrokMatcher(expression, new Map());
  matcher.match("a", "all");
  const started = process.threadCpuUsage().user;
  expect(matcher.match("a".repeat(8_000), "all")).toBeInstanceOf(StageFailure);
  expect((process.threadCpuUsage().user - started) / 1000).toBeLessThan(1_000);
});

test("a pattern inside one that cannot occur is still a key", () => {
  const result = new GrokMatcher("%{IPV6:a}|%{WORD:b}", new Map()).match("x", "all");
  expect(result).toEqual(
    new Map([
      ["a", null],
      ["IPV4", null],
      ["b", "x"],
    ]),
  );
});
