/** Answers of a studio that does nothing: figures to look at, for tests of the page alone. */
import { readFileSync } from "node:fs";
import type { Alert, Rule, RuleTrial } from "../../src/studio/contract/alerts.ts";
import type { Hit } from "../../src/studio/contract/events.ts";
import type { Playbook } from "../../src/studio/contract/playbook.ts";
import type { Run } from "../../src/studio/contract/runs.ts";
import type { StageTrace } from "../../src/studio/contract/shared.ts";
import type { AnswerOf, LiveMessage, RouteName } from "../../src/studio/contract.ts";

const root = new URL("../../", import.meta.url);
const json = (name: string) => JSON.parse(readFileSync(new URL(name, root), "utf8"));
const trigger = json("trigger_consume_eventhub.json");
const now = Date.now();
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

/** Markup, controls, a bidirectional override, a lone surrogate. */
const HOSTILE = "<img src=x onerror=alert(1)>\u202Egnp.exe\u0007\u200B\uD800 end";

const playbook: Playbook = {
  revision: 3,
  name: "Intune logs from Azure",
  isOn: true,
  crash: null,
  settings: {
    hub_name: "insights-logs",
    storage_container_name: "positions",
    categories: ["AuditLogs", "Devices"],
  },
  secrets: [
    { name: "hub_connection_string", hint: "EntityPath=insights-logs" },
    { name: "storage_connection_string", hint: "" },
    { name: "intake_key", hint: "…1f2c" },
  ],
  problems: [],
  savedAt: ago(300),
  hub: { host: "company-eventhub.servicebus.windows.net", isLocal: false },
  intake: { format: "microsoft-intune", server: "http://127.0.0.1:8088", isLocal: true },
};

const running: Run = {
  id: "r2",
  status: "Running",
  startedAt: ago(180),
  endedAt: null,
  events: 12_442,
  reason: null,
  playbook: playbook.name,
  process: 4711,
};
const failed: Run = {
  ...running,
  id: "r1",
  status: "Failed",
  startedAt: ago(7200),
  endedAt: ago(7196),
  events: 0,
  reason:
    "consumer group security does not exist on insights-logs; create it, or choose one of: $Default, sekoiaio",
  process: null,
};

const row = (partition: number) => ({
  partition: String(partition),
  received: 3100 + partition * 7,
  forwarded: 3090 + partition * 7,
  filtered: 0,
  heartbeats: 8,
  deadLettered: 0,
  returned: 0,
  pending: 2,
  checkpoint: String(88_120 + partition * 311),
  lagEvents: partition,
});
const rows = [0, 1, 2, 3].map(row);
const sum = (name: "received" | "forwarded" | "heartbeats" | "pending") =>
  rows.reduce((total, one) => total + one[name], 0);
const total = {
  received: sum("received"),
  forwarded: sum("forwarded"),
  filtered: 0,
  heartbeats: sum("heartbeats"),
  deadLettered: 0,
  returned: 0,
  pending: sum("pending"),
};
const figures = { received: 12_442, forwarded: 12_402, receivedPerSecond: 69, deadLetters: 1, behindMs: 400 };

const CATEGORIES = ["AuditLogs", "DeviceComplianceOrg", "OperationalLogs", "Devices"] as const;
const hits: readonly Hit[] = Array.from({ length: 300 }, (_, index) => ({
  id: `e${index}`,
  receivedAt: ago(index / 3),
  timestamp: ago(index + 5),
  category: CATEGORIES[index % 4] ?? null,
  description:
    index === 3
      ? HOSTILE
      : index % 4 === 2
        ? "Compliance alert for device TheShire-W744 of Pipin.Saquet: AntivirusRequired"
        : "Pipin.Saquet@theShire.com performed Rename device ManagedDevice in Intune",
  alerts: index === 2 ? [{ id: "a1", rule: "Microsoft Intune Non-Compliant Device", level: "medium" }] : [],
}));
const alert: Alert = {
  id: "a1",
  state: "open",
  level: "medium",
  ruleId: "intune-non-compliant",
  rule: "Microsoft Intune Non-Compliant Device",
  entity: "user.name: Pipin.Saquet",
  description: "Compliance alert for device TheShire-W744 of Pipin.Saquet: AntivirusRequired",
  firstAt: ago(240),
  lastAt: ago(2),
  events: 2,
};
const rule: Rule = {
  id: "intune-non-compliant",
  title: "Microsoft Intune Non-Compliant Device",
  level: "medium",
  effort: "advanced",
  techniques: ["T1553"],
  isOn: true,
  alerts: 1,
  tests: 3,
  isBundled: true,
};
const RULE_TEXT = `title: Microsoft Intune Non-Compliant Device
detection:
  alert:
    action.type: OperationalLogs
    action.name: Compliance
  condition: alert
`;
const matches = [
  { selection: "alert", field: "action.type", value: "OperationalLogs", line: 4 },
  { selection: "alert", field: "action.name", value: "Compliance", line: 5 },
];
const trial: RuleTrial = {
  id: "1",
  state: "done",
  diagnostics: [],
  examined: 300,
  of: 300,
  isWhole: true,
  total: 75,
  hits: hits.slice(0, 3),
  matches,
  tookMs: 9,
};
const field = (path: string, value: unknown) => ({ path, json: JSON.stringify(value), isCut: false });
const fields = [
  field("@timestamp", "2022-11-18T09:04:24.706500Z"),
  field("action.name", "Compliance"),
  field("action.type", "OperationalLogs"),
  field("event.reason", HOSTILE),
  field("host.name", "TheShire-W744"),
  field("user.name", "Pipin.Saquet"),
];
const stages: StageTrace[] = [
  {
    stage: "json",
    outcome: "ran",
    set: [],
    notComputed: [],
    deleted: [],
    output: '{"category":"OperationalLogs"}',
  },
  {
    stage: "alert",
    outcome: "ran",
    set: [field("host.name", "TheShire-W744")],
    notComputed: [],
    deleted: [],
  },
  {
    stage: "device",
    outcome: "filtered",
    reason: "its filter says no",
    set: [],
    notComputed: [],
    deleted: [],
  },
];
const entry = {
  name: "microsoft-intune",
  title: "Microsoft Intune",
  folder: "formats/microsoft-intune",
  isBundled: true,
  isInUse: true,
  tests: 5,
};
const parser = readFileSync(new URL("formats/microsoft-intune/ingest/parser.yml", root), "utf8");
const sample = json("formats/microsoft-intune/tests/devices.json").input.message as string;
const checked = [
  ["passed", "Event Hub connection string", "its policy may listen, and only that", null],
  ["passed", "Port 5671", "open, 18 ms", null],
  ["failed", "Consumer group", null, "consumer group security does not exist on insights-logs"],
  ["skipped", "Intake", "skipped until the intake key is there", null],
] as const;

type Answers = { readonly [Name in RouteName]?: AnswerOf<Name> | ((body: unknown) => AnswerOf<Name>) };

export const ANSWERS: Answers = {
  "GET /api/studio": {
    version: "0.1.0",
    hasOwnTrigger: false,
    address: "http://127.0.0.1",
    dataFolder: "/data",
    trigger: {
      name: trigger.name,
      description: trigger.description,
      module: "Microsoft Azure",
      schema: trigger.arguments,
    },
    accountSchema: { type: "object", properties: {} },
    image: "eventhub-intake:0.1.0",
  },
  "GET /api/playbook": playbook,
  "POST /api/playbook/judge": (body) => ({
    problems:
      (body as { settings: Record<string, unknown> }).settings["hub_name"] === undefined
        ? [{ field: "hub_name", text: "Event Hub name is missing: copy it from the page of your hub" }]
        : [],
  }),
  "PUT /api/playbook": (body) => {
    const { name, draft } = body as { name: string; draft: { settings: Record<string, unknown> } };
    return { ...playbook, revision: playbook.revision + 1, name, settings: draft.settings };
  },
  "POST /api/playbook/secrets/:name/show": { value: "a-saved-secret" },
  "POST /api/playbook/switch": (body) => ({ ...playbook, isOn: (body as { isOn: boolean }).isOn }),
  "POST /api/local-stack/settings": {
    settings: { hub_name: "local-hub", intake_server: "http://127.0.0.1:8088" },
    secrets: { hub_connection_string: "Endpoint=sb://127.0.0.1;local" },
  },
  "POST /api/local-stack/samples": { sent: 5 },
  "GET /api/runs": { runs: [running, failed], next: null },
  "GET /api/runs/:id": {
    run: running,
    figures,
    ledger: { partitions: rows, total },
    curve: Array.from({ length: 90 }, (_, index) => ({
      at: now - (90 - index) * 1000,
      receivedPerSecond: 60 + 40 * Math.sin(index / 9),
      lagEvents: Math.max(0, 400 - index * 6),
    })),
    answers: [
      { at: ago(1), status: 200, events: 1000, tookMs: 41, eventIds: ["9f3c1a7e-0001"], note: null },
      { at: ago(2), status: 429, events: 0, tookMs: 6, eventIds: [], note: "Retry-After 2 s" },
    ],
  },
  "GET /api/runs/:id/log": {
    lines: [
      {
        number: 1,
        at: ago(179),
        level: "info",
        message: "partition 2 is read after its checkpoint, sequence number 88742",
        fields: null,
      },
      {
        number: 2,
        at: ago(60),
        level: "warning",
        message: "the intake answers 429; the next request goes in 2 s",
        fields: null,
      },
      {
        number: 3,
        at: ago(50),
        level: "error",
        message: "a chunk was not taken",
        fields: '{\n  "stack": "IntakeUnreachable"\n}',
      },
    ],
    before: null,
  },
  "GET /api/dead-letters": {
    letters: [
      {
        id: "d1",
        at: ago(900),
        partition: "2",
        reason: "the event is larger than the intake takes",
        bytes: 1_204_551,
        preview: HOSTILE,
        isSentAgain: false,
      },
    ],
    total: 1,
    reason: null,
  },
  "POST /api/dead-letters/replay": { forwarded: 1, setAsideAgain: 0 },
  "GET /api/events": { hits: [...hits], next: null, tookMs: 3 },
  "GET /api/events/histogram": {
    from: ago(300),
    to: ago(0),
    bucketMs: 5000,
    events: Array.from({ length: 60 }, (_, index) => (index * 7) % 9),
    total: 300,
    tookMs: 2,
  },
  "GET /api/events/facets": {
    facets: [
      { path: "action.type", values: CATEGORIES.map((value) => ({ value, events: 75 })) },
      { path: "user.name", values: [{ value: "Pipin.Saquet", events: 300 }] },
    ],
    ofNewest: null,
  },
  "GET /api/events/fields": {
    fields: [
      { path: "action.type", type: "keyword", events: 300 },
      { path: "user.name", type: "keyword", events: 300 },
      { path: "customer.intake_key", type: "keyword", events: 300 },
    ],
  },
  "GET /api/events/values": { values: ["Pipin.Saquet", "Saquet Pipin"] },
  "GET /api/events/:id": {
    hit: hits[2] as Hit,
    fields,
    raw: sample,
    rawBytes: Buffer.byteLength(sample),
    isRawCut: false,
    format: "microsoft-intune",
    intakeKeyHint: "…1f2c",
  },
  "GET /api/events/:id/parsing": {
    format: "microsoft-intune",
    tookMicros: 13,
    stages,
    warnings: [],
  },
  "GET /api/alerts": { alerts: [alert], next: null },
  "GET /api/alerts/:id": { alert, ruleText: RULE_TEXT, matches, events: [hits[2] as Hit] },
  "POST /api/alerts/:id/state": { done: true },
  "GET /api/rules": {
    rules: [
      rule,
      {
        ...rule,
        id: "policy",
        title: "Microsoft Intune Policy Change",
        techniques: ["T1562.001"],
        alerts: 0,
      },
    ],
    diagnostics: [],
    indicators: 12,
    hunt: { indicators: 12, examined: 4_000, of: 10_000, hits: 0, isRunning: true },
    folder: "/data/rules",
  },
  "GET /api/rules/:id": { rule, text: RULE_TEXT, diagnostics: [] },
  "POST /api/rules/:id/switch": { done: true },
  "POST /api/rules/:id/test": { results: [{ name: "fires on the alert", isPassed: true, detail: "" }] },
  "POST /api/rules/try": {
    ...trial,
    state: "running",
    examined: 100,
  },
  "GET /api/rules/trials/:id": trial,
  "POST /api/rules/trials/:id/stop": { ...trial, state: "stopped", examined: 100 },
  "GET /api/formats": { formats: [entry] },
  "GET /api/formats/language": {
    stages: [{ name: "json.parse-json", summary: "Reads JSON.", properties: ["input_field"] }],
    functions: [{ name: "upper", kind: "filter", summary: "Text in capitals.", example: "'a' | upper" }],
    fields: [{ path: "user.name", type: "keyword" }],
  },
  "GET /api/formats/:name": { entry, parser, samples: [{ name: "devices", event: sample }] },
  "POST /api/formats/:name/try": (body) => ({
    diagnostics: (body as { parser: string }).parser.includes("DeviceNam }")
      ? [
          {
            severity: "warning",
            code: "missing",
            message: "properties has no DeviceNam",
            hint: "Did you mean DeviceName?",
            file: "ingest/parser.yml",
            line: 3,
            column: 5,
            length: 9,
          },
        ]
      : [],
    fields,
    json: "{}",
    description: "Device of Pipin.Saquet",
    stages,
    warnings: [],
    tookMicros: 13,
    differences: [],
  }),
  "POST /api/formats/:name/test": {
    passed: 5,
    failed: 0,
    diagnostics: [],
    results: [{ name: "devices", isPassed: true, detail: "" }],
  },
  "POST /api/formats/:name/save": {
    folder: "/data/formats/my-microsoft-intune",
    name: "microsoft-intune",
    isInUse: true,
  },
  "GET /api/setup": {
    steps: [
      { title: "create the resource group", command: "az group create --name logs --location westeurope" },
    ],
  },
};

export const LIVE: readonly LiveMessage[] = [
  { type: "counts", counts: { runsOn: 1, events: 300, openAlerts: 1, formats: 1 } },
  { type: "playbook", playbook },
  {
    type: "check",
    check: {
      state: "done",
      startedAt: ago(20),
      of: checked.length,
      reason: null,
      lines: checked.map(([status, title, detail, cause]) => ({
        id: title,
        title,
        status,
        detail,
        cause,
        fix: cause === null ? null : "Create it: Event Hubs, your hub, Consumer groups, + Consumer group.",
        guideStep: "step 6",
      })),
    },
  },
];
