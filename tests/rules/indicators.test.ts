import { expect, test } from "vitest";
import { compileIndicators } from "../../src/rules/index.ts";

const NOW = new Date("2026-02-01T00:00:00Z");

function bundle(...objects: readonly Record<string, unknown>[]): string {
  const indicators = objects.map((object, index) => ({
    type: "indicator",
    id: `indicator--${index}`,
    ...object,
  }));
  return JSON.stringify({ type: "bundle", objects: indicators }, null, 1);
}

test.each([
  { pattern: "[domain-name:value = 'a' AND domain-name:value = 'b']", reason: "AND" },
  { pattern: "[domain-name:value LIKE 'a%']", reason: "LIKE" },
  { pattern: "[file:size > 10]", reason: ">" },
  { pattern: "[domain-name:value = 'a'] FOLLOWEDBY [url:value = 'b']", reason: "FOLLOWEDBY" },
  { pattern: "[process:name = 'a']", reason: "process:name" },
  { pattern: "[domain-name:value = 'a'", reason: "unfinished" },
])("the pattern $pattern is refused by name", ({ pattern, reason }) => {
  const { indicators, diagnostics } = compileIndicators([
    { name: "f", text: bundle({ pattern }, { pattern: "[url:value = 'x']" }) },
  ]);
  expect(indicators.size).toBe(1);
  expect(diagnostics).toMatchObject([{ severity: "error", span: { file: "f" } }]);
  expect(diagnostics[0]?.message).toContain(reason);
});

test("CSV rows are indicators, and a wrong row is reported with its line", () => {
  const text =
    'type,value,valid_from,valid_until,label\nip,2001:DB8::1,,,high\nwhat,x,,,\nurl,"http://a.example/x,y",,2026-01-30T00:00:00Z,\n';
  const { indicators, diagnostics } = compileIndicators([{ name: "f.csv", text }]);
  expect(diagnostics).toMatchObject([{ span: { line: 3 } }]);
  const [address] = indicators.match({ source: { ip: "2001:db8:0::1" } }, { now: NOW });
  expect(address).toMatchObject({ level: "high", id: "f.csv:2", field: { field: "source.ip" } });
  expect(indicators.match({ "url.full": "http://A.example/x,y" }, { now: NOW })).toHaveLength(1);
  expect(indicators.match({ "url.full": "http://a.example/X,y" }, { now: NOW })).toEqual([]);
});

test("of two versions the one modified last counts, and a revocation ends it", () => {
  const pattern = "[domain-name:value = 'evil.example']";
  const first = { name: "a", text: bundle({ pattern, modified: "2026-01-01T00:00:00Z" }) };
  const second = { name: "b", text: bundle({ pattern, modified: "2026-01-02T00:00:00Z", revoked: true }) };
  const event = { url: { domain: "evil.example" } };
  expect(compileIndicators([first]).indicators.match(event, { now: NOW })).toHaveLength(1);
  expect(compileIndicators([second, first]).indicators.match(event, { now: NOW })).toEqual([]);
});

test("what earlier indicators did not hold can be had alone", () => {
  const earlier = compileIndicators([
    { name: "a", text: bundle({ pattern: "[url:value = 'a']" }) },
  ]).indicators;
  const text = bundle({ pattern: "[url:value = 'a']" }, { pattern: "[url:value = 'b']" });
  const fresh = compileIndicators([{ name: "b", text }]).indicators.without(earlier);
  expect(fresh.size).toBe(1);
  expect(fresh.match({ "url.full": "b" }, { now: NOW })).toHaveLength(1);
});
