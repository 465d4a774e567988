import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import Type, { type Static, type TSchema } from "typebox";
import Value from "typebox/value";
import { afterAll, expect, test } from "vitest";
import { compileFormat, loadFormat } from "../../../src/ecs/index.ts";
import type { DetectionOptions } from "../../../src/local/intake/alerts/detection.ts";
import { type ParseEvent, parserOf } from "../../../src/local/intake/parse.ts";
import type { IntakeOptions, LocalIntake } from "../../../src/local/intake/server.ts";
import { intuneSamples } from "../../../src/local/samples.ts";
import { call, postBatch, withIntake } from "./helpers.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "alerts-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
function newFolder(): string {
  const path = join(folder, String(made++));
  mkdirSync(path);
  return path;
}

const parse: ParseEvent = (raw) => ({ ecs: raw, isMessageRaw: false });
const BUILT_IN: DetectionOptions = { rules: [{ paths: [join(root, "rules")], dialect: "platform" }] };
const RULE = `title: Evil name
id: evil-name
level: low
logsource: {category: any}
detection:
  name: {process.name: evil}
  condition: name
`;
const FEED = "title: Feed\nid: feed\nlogsource: {category: any}\nindicators: all\nlevel: low\n";

function rulesIn(path: string, text: string): DetectionOptions {
  writeFileSync(join(path, "rule.yml"), text);
  return { rules: [{ paths: [path], dialect: "standard" }] };
}

const Alert = Type.Object({
  id: Type.Integer(),
  state: Type.Enum(["open", "closed"]),
  level: Type.String(),
  rule: Type.Object({ id: Type.String(), title: Type.String() }),
  entity: Type.String(),
  first_at: Type.String({ format: "date-time" }),
  last_at: Type.String({ format: "date-time" }),
  events: Type.Integer(),
});
const Event = Type.Object({ event_id: Type.String(), raw: Type.String() });
const Alerts = Type.Object({
  alerts: Type.Array(Alert),
  next: Type.Union([Type.Null(), Type.String()]),
});
const AlertDetail = Type.Interface([Alert], {
  matched: Type.Object({ selections: Type.Array(Type.String()) }),
  shown: Type.Array(Event),
});
const Rules = Type.Object({
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      is_on: Type.Boolean(),
      alerts: Type.Integer(),
    }),
  ),
  diagnostics: Type.Array(Type.Object({ severity: Type.String(), file: Type.String() })),
  hunt: Type.Union([Type.Null(), Type.Object({ hits: Type.Integer(), is_running: Type.Boolean() })]),
});

/** An answer, which must have the form that the schema tells. */
async function get<Schema extends TSchema>(
  intake: LocalIntake,
  path: string,
  schema: Schema,
): Promise<Static<Schema>> {
  const { body } = await call("GET", `${intake.url}${path}`);
  expect([...Value.Errors(schema, body)], path).toEqual([]);
  return body as Static<Schema>;
}
const alertsOf = (intake: LocalIntake, query = "") => get(intake, `/alerts${query}`, Alerts);
const alertOf = (intake: LocalIntake, id: number | undefined) => get(intake, `/alerts/${id}`, AlertDetail);
const rulesOf = (intake: LocalIntake) => get(intake, "/rules", Rules);
const post = async (intake: LocalIntake, ...events: readonly object[]): Promise<string[]> => {
  const { status, body } = await postBatch(
    intake,
    events.map((event) => JSON.stringify(event)),
  );
  expect(status).toBe(200);
  return (body as { event_ids: string[] }).event_ids;
};
const evil = (more: object) => ({ process: { name: "Evil" }, ...more });

test("of the five samples the operational log alone fires, and only Non-Compliant Device", async () => {
  const { format } = compileFormat(loadFormat(join(root, "formats", "microsoft-intune")));
  if (format === undefined) {
    throw new Error("the bundled format does not compile");
  }
  await withIntake({ parse: parserOf(format), detection: BUILT_IN }, async (intake) => {
    await postBatch(intake, intuneSamples());
    const { alerts, next } = await alertsOf(intake);
    expect(alerts).toMatchObject([
      {
        state: "open",
        level: "medium",
        rule: { title: "Microsoft Intune Non-Compliant Device" },
        events: 1,
      },
    ]);
    expect(next).toBeNull();
    const [sample] = (
      await get(
        intake,
        "/events?query=action.type:OperationalLogs",
        Type.Object({ events: Type.Array(Event) }),
      )
    ).events;
    const detail = await alertOf(intake, alerts[0]?.id);
    expect(detail.shown).toEqual([sample]);
    expect(detail.matched.selections).toEqual(["alert"]);
    expect((await alertsOf(intake, `?event=${sample?.event_id}`)).alerts).toEqual(alerts);
    const { rules, diagnostics } = await rulesOf(intake);
    expect(rules.map(({ title, alerts: count }) => [title, count])).toContainEqual([
      "Microsoft Intune Non-Compliant Device",
      1,
    ]);
    expect(diagnostics).toEqual([]);
  });
});

test("the same rule and entity add to the open alert; after it is closed a new one is made", async () => {
  await withIntake({ parse, detection: rulesIn(newFolder(), RULE) }, async (intake) => {
    const [first] = await post(intake, evil({ user: { name: "ann" }, host: { name: "a" } }), {});
    await post(intake, evil({ user: { name: "bob" } }));
    await post(intake, evil({ user: { name: "ann" }, host: { name: "b" } }));
    const entities = async (query = "") =>
      (await alertsOf(intake, query)).alerts.map(({ entity, events, state }) => [entity, events, state]);
    expect(await entities()).toEqual(
      expect.arrayContaining([
        ["user.name: ann", 2, "open"],
        ["user.name: bob", 1, "open"],
      ]),
    );
    const [alert] = (await alertsOf(intake, `?event=${first}`)).alerts;
    expect(await call("POST", `${intake.url}/alerts/${alert?.id}/close`)).toMatchObject({
      status: 200,
      body: { state: "closed" },
    });
    await post(intake, evil({ user: { name: "ann" } }));
    expect(await entities("?state=closed")).toEqual([["user.name: ann", 2, "closed"]]);
    expect(await entities("?state=open")).toContainEqual(["user.name: ann", 1, "open"]);
    expect((await call("POST", `${intake.url}/alerts/${alert?.id}/open`)).status).toBe(409);
  });
});

test("two addresses are one entity, whichever way round they talk", async () => {
  await withIntake({ parse, detection: rulesIn(newFolder(), RULE) }, async (intake) => {
    await post(
      intake,
      evil({ source: { ip: "10.0.0.1" }, destination: { ip: "10.0.0.2" } }),
      evil({ source: { ip: "10.0.0.2" }, destination: { ip: "10.0.0.1" } }),
      evil({}),
    );
    const { alerts } = await alertsOf(intake);
    expect(alerts.map(({ entity, events }) => [entity, events]).sort()).toEqual([
      ["", 1],
      ["address: 10.0.0.1 10.0.0.2", 2],
    ]);
  });
});

test("a correlation makes an alert of the events that took part", async () => {
  const text = `${RULE}name: evil\n---
title: Many
id: many
correlation: {type: event_count, rules: [evil], group-by: [user.name], timespan: 5m, condition: {gte: 3}}
level: high
`;
  await withIntake({ parse, detection: rulesIn(newFolder(), text) }, async (intake) => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      ids.push(...(await post(intake, evil({ user: { name: "ann" } }))));
    }
    const { alerts } = await alertsOf(intake);
    expect(alerts).toMatchObject([
      { level: "high", rule: { id: "many" }, events: 3, entity: "user.name: ann" },
    ]);
    const { shown } = await alertOf(intake, alerts[0]?.id);
    expect(shown.map(({ event_id }) => event_id)).toEqual(ids.toReversed());
    await post(intake, evil({ user: { name: "ann" } }));
    expect((await alertsOf(intake)).alerts).toMatchObject([{ events: 4 }]);
  });
});

test("alerts, their state and rules that were switched off are there after the intake was started again", async () => {
  const path = newFolder();
  const options: IntakeOptions = {
    parse,
    detection: rulesIn(path, RULE),
    database: join(path, "events.db"),
  };
  await withIntake(options, async (intake) => {
    await post(intake, evil({ user: { name: "ann" } }));
    const [rule] = intake.alerts.detection.rules;
    if (rule === undefined) {
      throw new Error("the rule is missing");
    }
    intake.alerts.switchRule(rule, false);
    await post(intake, evil({ user: { name: "bob" } }));
  });
  await withIntake(options, async (intake) => {
    await post(intake, evil({ user: { name: "carl" } }));
    expect((await alertsOf(intake)).alerts).toMatchObject([{ entity: "user.name: ann", events: 1 }]);
    expect((await rulesOf(intake)).rules).toMatchObject([{ id: "evil-name", is_on: false, alerts: 1 }]);
  });
});

test("a rule that changed is read again; one that is broken is told, and the others work", async () => {
  const path = newFolder();
  await withIntake({ parse, detection: rulesIn(path, RULE) }, async (intake) => {
    await post(intake, { process: { name: "new" } });
    writeFileSync(join(path, "second.yml"), RULE.replace("evil-name", "second").replace("evil}", "new}"));
    writeFileSync(join(path, "broken.yml"), "title: [");
    await expect.poll(async () => (await rulesOf(intake)).rules.length, { timeout: 20_000 }).toBe(2);
    expect((await rulesOf(intake)).diagnostics[0]).toMatchObject({
      severity: "error",
      file: join(path, "broken.yml"),
    });
    await post(intake, { process: { name: "new" } });
    expect((await alertsOf(intake)).alerts).toMatchObject([{ rule: { id: "second" }, events: 1 }]);
  });
});

test("an indicator that comes later is tried on stored events, and on those that come", async () => {
  const path = newFolder();
  await withIntake({ parse, detection: rulesIn(path, FEED) }, async (intake) => {
    const [stored] = await post(
      intake,
      { destination: { ip: "192.0.2.7" } },
      { destination: { ip: "192.0.2.8" } },
    );
    mkdirSync(join(path, "indicators"));
    writeFileSync(
      join(path, "indicators", "feed.csv"),
      "type,value,valid_from,valid_until,label\nipv4-addr,192.0.2.7,,,high\n",
    );
    await expect
      .poll(async () => (await rulesOf(intake)).hunt, { timeout: 20_000 })
      .toEqual({ indicators: 1, of: 2, examined: 2, hits: 1, is_running: false });
    const { alerts } = await alertsOf(intake);
    expect(alerts).toMatchObject([{ rule: { id: "feed" }, level: "high", events: 1 }]);
    expect((await alertOf(intake, alerts[0]?.id)).shown).toMatchObject([{ event_id: stored }]);
    await post(intake, { destination: { ip: "192.0.2.7" } });
    expect((await alertsOf(intake)).alerts).toMatchObject([{ events: 2 }]);
  });
});

test("hostile events are stored and answered, and what an alert keeps of them is small", async () => {
  await withIntake({ parse, detection: rulesIn(newFolder(), RULE) }, async (intake) => {
    const long = `${"x".repeat(100_000)}<img src=x>\u202e`;
    await post(
      intake,
      evil({ user: { name: `${long}1` } }),
      evil({ user: { name: `${long}2` } }),
      evil({ user: { name: Array.from({ length: 20_000 }, (_, n) => n) } }),
      { process: [[[{ name: ["evil", null, {}, 1e300] }]]], user: { name: "" } },
      { constructor: { name: "evil" } },
    );
    const deep = `${'{"process":'.repeat(5000)}"evil"${"}".repeat(5000)}`;
    expect((await postBatch(intake, [deep])).status).toBe(200);
    const { alerts } = await alertsOf(intake);
    expect(alerts.map(({ events }) => events)).toEqual([1, 1, 1, 1]);
    for (const { id, entity } of alerts) {
      expect(entity.length).toBeLessThan(400);
      expect(JSON.stringify((await alertOf(intake, id)).matched).length).toBeLessThan(2000);
    }
    expect(intake.count()).toBe(6);
  });
});

test.each([
  ["GET", "/alerts?colour=red", 400],
  ["GET", "/alerts?state=ajar", 400],
  ["GET", "/alerts?before=x", 400],
  ["GET", "/alerts?event=x", 404],
  ["GET", "/alerts/1", 404],
  ["GET", "/alerts/1%20OR%201", 404],
  ["POST", "/alerts/1/close", 404],
  ["POST", "/alerts/1/shred", 404],
  ["POST", "/alerts", 405],
  ["GET", "/alerts/1/close", 405],
  ["POST", "/rules", 405],
])("%s %s is refused with %i", async (method, path, status) => {
  await withIntake({}, async (intake) => {
    expect((await call(method, `${intake.url}${path}`)).status).toBe(status);
  });
});

test("alerts come in pages, the last occurrence first", async () => {
  await withIntake({ parse, detection: rulesIn(newFolder(), RULE) }, async (intake) => {
    await post(intake, ...Array.from({ length: 5 }, (_, n) => evil({ host: { name: `h${n}` } })));
    const seen: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: Static<typeof Alerts> = await alertsOf(
        intake,
        `?limit=2${next === "" ? "" : `&before=${next}`}`,
      );
      seen.push(...page.alerts.map(({ entity }) => entity));
      next = page.next;
    }
    expect(seen).toEqual([4, 3, 2, 1, 0].map((n) => `host.name: h${n}`));
  });
});

test("a database of the second version is brought forward", async () => {
  const database = join(newFolder(), "events.db");
  await withIntake({ database, parse }, async (intake) => {
    await post(intake, {});
  });
  const earlier = new DatabaseSync(database);
  earlier.exec(
    "ALTER TABLE events ADD COLUMN ecs TEXT; ALTER TABLE events ADD COLUMN is_message_raw INTEGER NOT NULL DEFAULT 0; UPDATE events SET ecs = (SELECT ecs FROM parsed_events); DROP TABLE parsed_events; DROP TABLE progress; DROP TABLE alert_events; DROP TABLE alerts; DROP TABLE rules_off; CREATE TABLE alerts (id INTEGER); CREATE TABLE alert_events (alert INTEGER); PRAGMA user_version = 2",
  );
  earlier.close();
  await withIntake({ database, parse, detection: rulesIn(newFolder(), RULE) }, async (intake) => {
    await post(intake, evil({}));
    expect((await alertsOf(intake)).alerts).toHaveLength(1);
    expect(intake.count()).toBe(2);
  });
});
