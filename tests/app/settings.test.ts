import { expect, test } from "vitest";
import { triggerArguments } from "../../src/app/settings.ts";
import { findItemConfiguration } from "../../src/platform/config/item.ts";
import { findItem } from "../../src/platform/config/module-files.ts";
import { checkSettings, secretTexts } from "../../src/platform/config/settings-schema.ts";
import { openSources } from "../../src/platform/config/sources.ts";
import { ConfigurationInvalid } from "../../src/platform/errors.ts";
import { folderWith } from "../platform/support/folder.ts";
import { INCUMBENT, MODULE_DIR } from "../platform/support/settings.ts";

const { arguments: schema } = findItem(MODULE_DIR, "azure_eventhub_messages_trigger");
const read = (value: unknown) => {
  const { values, unknown } = checkSettings(schema, value, "the test");
  return { values: triggerArguments(values), unknown };
};

const problemsOf = (action: () => unknown): readonly string[] => {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigurationInvalid) {
      return error.problems;
    }
    throw error;
  }
  return [];
};

/** The defaults of what the incumbent did not have. */
const OURS = { start_position: "earliest", on_invalid_checkpoint: "earliest", repair_json: true };

test("a configuration of the incumbent is taken unchanged", () => {
  expect(read(INCUMBENT)).toEqual({
    values: { ...INCUMBENT, ...OURS, transport: "amqp" },
    unknown: [],
  });
});

test("the least configuration gets every default, and nothing of it can be changed", () => {
  const { intake_server: _, hub_consumer_group: __, chunk_size: ___, categories: ____, ...least } = INCUMBENT;
  const { values } = read(least);
  expect(values).toEqual({
    ...least,
    hub_consumer_group: "sekoiaio",
    intake_server: "https://intake.sekoia.io",
    chunk_size: 1000,
    categories: [],
    ...OURS,
    transport: "amqp",
  });
  const optional = ["silence_minutes", "proxy_url", "hub_namespace", "storage_account_url"];
  expect([...Object.keys(values), ...optional].sort()).toEqual(Object.keys(schema.properties ?? {}).sort());
  expect(Object.isFrozen(values) && Object.isFrozen(values.categories)).toBe(true);
});

test("blank and null settings count as left out, and texts are trimmed", () => {
  const { values } = read({
    ...INCUMBENT,
    hub_name: " sekoia_event_hub\n",
    intake_server: "",
    chunk_size: null,
  });
  expect(values).toMatchObject({
    hub_name: "sekoia_event_hub",
    intake_server: "https://intake.sekoia.io",
    chunk_size: 1000,
  });
});

test("the platform's own intake serves a configuration that names none", () => {
  const { intake_server: _, ...rest } = INCUMBENT;
  const given = (configuration: unknown) =>
    findItemConfiguration(
      openSources(
        { TRIGGER_CONFIGURATION: JSON.stringify(configuration), INTAKE_URL: "https://intake.example" },
        "/nowhere",
      ),
      undefined,
      schema,
    ).value;
  expect(given(rest)).toMatchObject({ intake_server: "https://intake.example" });
  expect(given(INCUMBENT)).toMatchObject({ intake_server: INCUMBENT.intake_server });
});

test("what the earlier connector took is taken: a number as text, a key of digits, parts of strings in any case", () => {
  const hub_connection_string = INCUMBENT.hub_connection_string.replace("Endpoint=", "endpoint=");
  const { values } = read({ ...INCUMBENT, chunk_size: "250", intake_key: 12345, hub_connection_string });
  expect(values).toMatchObject({ chunk_size: 250, intake_key: "12345", hub_connection_string });
});

test.each([
  {
    name: "a key without its policy's name",
    change: { hub_connection_string: "Endpoint=sb://a.example/;SharedAccessKey=c2VjcmV0" },
    problem: /lacks SharedAccessKeyName/,
  },
  {
    name: "a string of another hub",
    change: { hub_name: "other" },
    problem: /hub_name.* is other, but the connection string is of the hub sekoia_event_hub/,
  },
])("$name is a problem of the configuration", ({ change, problem }) => {
  const problems = problemsOf(() => read({ ...INCUMBENT, ...change }));
  expect(problems).toEqual([expect.stringMatching(problem)]);
  expect(problems.join()).not.toContain("c2VjcmV0");
});

test("settings that nothing knows are named and left out", () => {
  const { values, unknown } = read({ ...INCUMBENT, consumption_max_wait_time: 600, ["__proto__x"]: 1 });
  expect(unknown).toEqual(["consumption_max_wait_time", "__proto__x"]);
  expect(values).not.toHaveProperty("consumption_max_wait_time");
});

test.each([
  {
    name: "a setting is missing",
    change: { hub_name: undefined },
    problem: "`hub_name` (Event Hub name) is missing; a right value is, for example, `security-logs`",
  },
  {
    name: "a text where a number belongs",
    change: { chunk_size: "many" },
    problem:
      "`chunk_size` (Chunk size) must be a whole number, not a text; a right value is, for example, `1000`",
  },
  {
    name: "a fraction where a whole number belongs",
    change: { chunk_size: 1.5 },
    problem:
      "`chunk_size` (Chunk size) must be a whole number, not a fraction; a right value is, for example, `1000`",
  },
  {
    name: "a number out of range",
    change: { chunk_size: 0 },
    problem: "`chunk_size` (Chunk size) must be at least 1; a right value is, for example, `1000`",
  },
  {
    name: "an address without a scheme",
    change: { intake_server: "intake.sekoia.io" },
    problem:
      "`intake_server` (Intake server) does not have the expected form; a right value is, for example, `https://intake.sekoia.io` or `https://intake.fra2.sekoia.io/api/v1/intake-http`",
  },
  {
    name: "a text where a list belongs",
    change: { categories: "AuditLogs" },
    problem:
      '`categories` (Categories) must be a list, not a text; a right value is, for example, `["AuditLogs","SignInLogs"]`',
  },
  {
    name: "an item of a list",
    change: { categories: ["AuditLogs", ""] },
    problem:
      '`categories.1` (Categories) is empty; a right value is, for example, `["AuditLogs","SignInLogs"]`',
  },
  {
    name: "a text that is none of the choices",
    change: { transport: "tcp" },
    problem:
      "`transport` (Transport) must be amqp or websockets; a right value is, for example, `amqp` or `websockets`",
  },
  {
    name: "neither a key nor Entra ID for the hub",
    change: { hub_connection_string: undefined },
    problem: expect.stringMatching(
      /^`hub_connection_string` \(.*\) is missing: set hub_connection_string, or hub_namespace to sign in with Entra ID, but not both; /,
    ),
  },
  {
    name: "a key and Entra ID for the storage account",
    change: { storage_account_url: "https://companycheckpoints.blob.core.windows.net" },
    problem: expect.stringMatching(
      /^`storage_connection_string` \(.*\) must be left out: set storage_connection_string, or storage_account_url to/,
    ),
  },
  {
    name: "a proxy for AMQP's own port",
    change: { transport: "amqp", proxy_url: "http://proxy.company.example:3128" },
    problem: expect.stringMatching(
      /^`transport` \(Transport\) must be websockets: set transport to websockets, or leave proxy_url out/,
    ),
  },
  {
    name: "a storage connection string as the hub's",
    change: { hub_connection_string: INCUMBENT.storage_connection_string },
    problem: expect.stringMatching(
      /^`hub_connection_string` \(Event Hub connection string\) does not have the expected form; .*Endpoint=sb:/,
    ),
  },
])("problem: $name", ({ change, problem }) => {
  expect(problemsOf(() => read({ ...INCUMBENT, ...change }))).toEqual([problem]);
});

test("all problems are reported at once, a sentence a field, and no secret is in them", () => {
  const problems = problemsOf(() =>
    read({
      hub_connection_string: "secret-one",
      storage_connection_string: "secret-two",
      intake_key: ["key"],
      chunk_size: -1,
    }),
  );
  expect(problems.map((problem) => problem.split(" ")[0]).sort()).toEqual([
    "`chunk_size`",
    "`hub_connection_string`",
    "`hub_name`",
    "`intake_key`",
    "`storage_connection_string`",
    "`storage_container_name`",
  ]);
  expect(problems.join()).not.toContain("secret-");
});

test("Entra ID takes the place of both connection strings", () => {
  const { hub_connection_string: _, storage_connection_string: __, ...rest } = INCUMBENT;
  const entra = {
    ...rest,
    hub_namespace: "company-eventhub.servicebus.windows.net",
    storage_account_url: "https://companycheckpoints.blob.core.windows.net",
    transport: "websockets",
    proxy_url: "http://proxy.company.example:3128",
  };
  expect(read(entra).values).toEqual({ ...entra, ...OURS });
});

test.each([
  ["earliest", true],
  ["latest", true],
  ["2026-11-24T08:00Z", true],
  ["2026-11-24T08:00:00.123456789+02:00", true],
  ["2026-11-24T08:00:00", false],
  ["2026-11-24", false],
  ["2026-13-24T08:00:00Z", false],
  ["yesterday", false],
])("start_position %s: %s", (start_position, accepted) => {
  expect(problemsOf(() => read({ ...INCUMBENT, start_position })).length === 0).toBe(accepted);
});

test("a configuration that is not an object is a problem of its own", () => {
  expect(problemsOf(() => read(["a"]))).toEqual(["the test holds a list instead of an object with settings"]);
  expect(secretTexts(schema, null)).toEqual([]);
});

test("the configuration comes from a file of a person's choice, the connector's or the trigger's, in this order", () => {
  const folder = folderWith({
    chosen: '{"a":1}',
    connector_configuration: '{"b":2}',
    trigger_configuration: '{"c":3}',
  });
  const sources = openSources({}, folder);
  expect(findItemConfiguration(sources, `${folder}/chosen`, schema).value).toEqual({ a: 1 });
  expect(findItemConfiguration(sources, undefined, schema).value).toEqual({ b: 2 });
  const trigger = openSources({ TRIGGER_CONFIGURATION: '{"c":3}' }, "/nowhere");
  expect(findItemConfiguration(trigger, undefined, schema).value).toEqual({ c: 3 });
  expect(
    problemsOf(() => findItemConfiguration(openSources({}, "/nowhere"), undefined, schema))[0],
  ).toContain(
    "no configuration was found: put a JSON object of the arguments into the file /nowhere/trigger_configuration",
  );
});

test("each setting may be a variable of its own, and a secret the file that its variable names", () => {
  const folder = folderWith({ key: "from-a-file\n" });
  const env = {
    HUB_NAME: "sekoia_event_hub",
    HUB_CONNECTION_STRING: INCUMBENT.hub_connection_string,
    STORAGE_CONNECTION_STRING: INCUMBENT.storage_connection_string,
    STORAGE_CONTAINER_NAME: "logs",
    INTAKE_KEY_FILE: `${folder}/key`,
    CHUNK_SIZE: "50",
    CATEGORIES: "AuditLogs, Devices",
    REPAIR_JSON: "false",
  };
  const found = findItemConfiguration(openSources(env, "/nowhere"), undefined, schema);
  expect(read(found.value).values).toMatchObject({
    hub_name: "sekoia_event_hub",
    intake_key: "from-a-file",
    chunk_size: 50,
    categories: ["AuditLogs", "Devices"],
    repair_json: false,
  });
});
