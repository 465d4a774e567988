import { expect, test } from "vitest";
import { type Core, openCore } from "../../../src/local/intake/core.ts";
import type { ParseEvent } from "../../../src/local/intake/parse.ts";
import { parseQuery } from "../../../src/local/intake/query/parse-query.ts";
import { QueryInvalid } from "../../../src/local/intake/query/query.ts";

const EVENTS = [
  {
    name: "audit",
    key: "key-one-1f2c",
    ecs: {
      action: { type: "AuditLogs", name: "Rename device ManagedDevice" },
      user: { name: "Pipin.Saquet@theShire.com" },
      source: { ip: "10.0.0.1", port: 443 },
      "@timestamp": "2026-11-24T10:00:00.5Z",
    },
  },
  {
    name: "devices",
    key: "key-one-1f2c",
    ecs: {
      action: { type: "Devices" },
      host: { name: "DESKTOP-086N6KI", os: { name: "Windows 10" } },
      related: { ip: ["10.0.0.1", "fe80::1"] },
      source: { port: 80 },
    },
  },
  {
    name: "compliance",
    key: "key-two-9a9a",
    ecs: {
      action: { type: "OperationalLogs" },
      host: { name: "TheShire-W744" },
      file: { path: "C:\\Users\\pipin\\a*b.txt" },
      "@timestamp": "2026-11-25T10:00:00Z",
      event: { id: "9007199254740993" },
    },
  },
  { name: "raw", key: "key-two-9a9a", ecs: undefined },
];

function open(): Core {
  const ecsOf = new Map(EVENTS.map(({ name, ecs }) => [name, ecs]));
  const parse: ParseEvent = (raw) => {
    const ecs = ecsOf.get(raw.split(" ")[0] ?? "");
    return ecs === undefined ? undefined : { ecs: JSON.stringify(ecs), isMessageRaw: true };
  };
  const core = openCore({ parse });
  const batch = EVENTS.map(({ name, key }) => ({ intakeKey: key, raw: `${name} came in` }));
  core.pipeline.insert(
    batch,
    EVENTS.map(({ name }) => name),
    1000,
  );
  return core;
}

test.each([
  { query: "", found: "audit devices compliance raw" },
  { query: "action.type:AuditLogs", found: "audit" },
  { query: "action.type:auditlogs", found: "audit" },
  { query: 'action.name:"Rename device ManagedDevice"', found: "audit" },
  { query: "action.name:Rename", found: "" },
  { query: "action.name:rename*", found: "audit" },
  { query: "action.type:*Logs", found: "audit compliance" },
  { query: "action.type:*LOG*", found: "audit compliance" },
  { query: "host.name:DESKTOP-0?6N6KI", found: "devices" },
  { query: "host.name:DESKTOP-0?N6KI", found: "" },
  { query: "host.name:*", found: "devices compliance" },
  { query: "NOT host.name:*", found: "audit raw" },
  { query: "host.name:/DESKTOP-[0-9A-Z]+/", found: "devices" },
  { query: "host.name:/DESKTOP/", found: "" },
  { query: "source.port:>80", found: "audit" },
  { query: "source.port:>=80", found: "audit devices" },
  { query: "source.port:<443", found: "devices" },
  { query: "source.port:<=443", found: "audit devices" },
  { query: "source.port:[80 TO 100]", found: "devices" },
  { query: "source.port:[* TO 100]", found: "devices" },
  { query: '@timestamp:["2026-11-24" TO "2026-11-25"]', found: "audit" },
  { query: "@timestamp:>2026-11-24T10:00:00Z", found: "audit compliance" },
  { query: "related.ip:10.0.0.1", found: "devices" },
  { query: "10.0.0.1", found: "audit devices" },
  { query: "fe80", found: "devices" },
  { query: "pipin", found: "audit compliance" },
  { query: '"rename device"', found: "audit" },
  { query: '"device rename"', found: "" },
  { query: "came in", found: "audit devices compliance raw" },
  { query: "desk*", found: "devices" },
  { query: "*6n6*", found: "devices" },
  { query: "DESKTOP-08*", found: "devices" },
  { query: "message:raw*", found: "raw" },
  { query: "action.type:(AuditLogs OR Devices)", found: "audit devices" },
  { query: "action.type:AuditLogs OR action.type:Devices AND source.port:443", found: "audit" },
  { query: "(action.type:AuditLogs OR action.type:Devices) AND source.port:80", found: "devices" },
  { query: "NOT (AuditLogs OR Devices) host.name:*", found: "compliance" },
  { query: 'customer.intake_key:"key-two-9a9a"', found: "compliance raw" },
  { query: 'sekoiaio.intake.key:"key-two-9a9a"', found: "compliance raw" },
  { query: 'customer.intake_key:"…1f2c"', found: "audit devices" },
  { query: "user.name:Pipin.Saquet@theShire.com", found: "audit" },
  { query: "file.path:C:\\Users\\pipin\\a\\*b.txt", found: "compliance" },
  { query: 'file.path:"C:\\Users\\pipin\\a*b.txt"', found: "compliance" },
  { query: "event.id:9007199254740993", found: "compliance" },
  { query: "no.such.field:x", found: "" },
  { query: "constructor:x OR __proto__:x", found: "" },
])("the search $query finds: $found", async ({ query, found }) => {
  const core = open();
  try {
    const names = core.store.find({ query: parseQuery(query) }).map(({ eventId }) => eventId);
    expect(names.toReversed().join(" ")).toBe(found);
  } finally {
    await core.close();
  }
});

test.each([
  { query: 'a AND "b', position: 6, message: /quotation mark/ },
  { query: "(a OR b", position: 0, message: /parenthesis is not closed/ },
  { query: "a)", position: 1, message: /no opening/ },
  { query: "a AND", position: 5, message: /term is missing/ },
  { query: "OR a", position: 0, message: /term is missing/ },
  { query: "user.name: x", position: 10, message: /value is missing/ },
  { query: "port:[1 TO", position: 5, message: /range is written/ },
  { query: "host:/abc", position: 5, message: /not closed/ },
  { query: "(".repeat(5000), position: 51, message: /at most 50 deep/ },
])("the search $query is refused at $position", ({ query, position, message }) => {
  expect(() => parseQuery(query)).toThrow(QueryInvalid);
  expect(() => parseQuery(query)).toThrow(message);
  try {
    parseQuery(query);
  } catch (thrown) {
    expect((thrown as QueryInvalid).position).toBe(position);
  }
});

test("a regular expression that is not one is refused when it is used", async () => {
  const core = open();
  expect(() => core.store.find({ query: parseQuery("host.name:/(/") })).toThrow(/cannot be used/);
  await core.close();
});
