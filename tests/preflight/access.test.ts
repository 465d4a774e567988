import { expect, test } from "vitest";
import type { CheckId } from "../../src/preflight/contract.ts";
import { runChecks } from "../../src/preflight/run.ts";
import { ENVIRONMENT, RIGHT_SETTINGS, resultOf } from "./support/check.ts";

const HUB = RIGHT_SETTINGS.hub_connection_string;
const STORAGE = RIGHT_SETTINGS.storage_connection_string;
const SAS =
  "BlobEndpoint=https://companycheckpoints.blob.core.windows.net;SharedAccessSignature=sv=2024-11-04&sig=c2ln&se=";

const hub = (text: string | undefined) => ({ ...RIGHT_SETTINGS, hub_connection_string: text });
const storage = (text: string | undefined) => ({ ...RIGHT_SETTINGS, storage_connection_string: text });

type Case = {
  readonly name: string;
  readonly id: CheckId;
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly code: string;
  readonly status?: string;
  readonly cause: RegExp;
  readonly fix: RegExp;
};

const CASES: readonly Case[] = [
  {
    name: "no hub at all",
    id: "hub-access",
    settings: hub(undefined),
    code: "HUB_ACCESS_MISSING",
    cause: /neither hub_connection_string nor hub_namespace/,
    fix: /set hub_connection_string .* or hub_namespace/,
  },
  {
    name: "the storage account's string in the hub's place",
    id: "hub-access",
    settings: hub(STORAGE),
    code: "HUB_STRING_IS_STORAGE",
    cause: /holds the connection string of a storage account/,
    fix: /put it into storage_connection_string/,
  },
  {
    name: "the hub's string in the storage account's place",
    id: "storage-access",
    settings: storage(HUB),
    code: "STORAGE_STRING_IS_HUB",
    cause: /holds the connection string of an Event Hub/,
    fix: /put it into hub_connection_string/,
  },
  {
    name: "quotation marks around the hub's string",
    id: "hub-access",
    settings: hub(`"${HUB}"`),
    code: "STRING_QUOTED",
    cause: /^hub_connection_string contains quotation marks/,
    fix: /paste hub_connection_string again without/,
  },
  {
    name: "typographic quotation marks around the storage account's string",
    id: "storage-access",
    settings: storage(`“${STORAGE}”`),
    code: "STRING_QUOTED",
    cause: /^storage_connection_string contains quotation marks/,
    fix: /paste storage_connection_string again without/,
  },
  {
    name: "a line break in the middle",
    id: "hub-access",
    settings: hub(HUB.replace(";SharedAccessKey=", ";\nSharedAccessKey=")),
    code: "STRING_BROKEN_BY_SPACES",
    cause: /spaces or line breaks in the middle/,
    fix: /portal's copy button/,
  },
  {
    name: "spaces around the hub's string",
    id: "hub-access",
    settings: hub(` ${HUB}\n`),
    code: "STRING_WITH_SPACES_AROUND",
    status: "warning",
    cause: /^hub_connection_string starts or ends with spaces/,
    fix: /without the spaces/,
  },
  {
    name: "spaces around the storage account's string",
    id: "storage-access",
    settings: storage(`${STORAGE} `),
    code: "STRING_WITH_SPACES_AROUND",
    status: "warning",
    cause: /^storage_connection_string starts or ends with spaces/,
    fix: /without the spaces/,
  },
  ...["Endpoint", "SharedAccessKeyName", "SharedAccessKey"].map((part) => ({
    name: `a hub's string without ${part}`,
    id: "hub-access" as const,
    settings: hub(
      HUB.split(";")
        .filter((piece) => !piece.startsWith(`${part}=`))
        .join(";"),
    ),
    code: "STRING_PART_MISSING",
    cause: new RegExp(`no part ${part}=…`),
    fix: /copy the whole of hub_connection_string/,
  })),
  ...["AccountName", "AccountKey"].map((part) => ({
    name: `a storage account's string without ${part}`,
    id: "storage-access" as const,
    settings: storage(
      STORAGE.split(";")
        .filter((piece) => !piece.startsWith(`${part}=`))
        .join(";"),
    ),
    code: "STRING_PART_MISSING",
    cause: new RegExp(`no part ${part}=…`),
    fix: /copy the whole of storage_connection_string/,
  })),
  {
    name: "a signature without an address",
    id: "storage-access",
    settings: storage("SharedAccessSignature=sv=2024-11-04&sig=c2ln"),
    code: "STRING_PART_MISSING",
    cause: /no part BlobEndpoint=…/,
    fix: /copy the whole/,
  },
  {
    name: "an endpoint that is a web page",
    id: "hub-access",
    settings: hub(HUB.replace("sb://", "https://")),
    code: "HUB_ENDPOINT_INVALID",
    cause: /is not an address like sb:/,
    fix: /Shared access policies/,
  },
  {
    name: "an endpoint without a host",
    id: "hub-access",
    settings: hub(HUB.replace("sb://company-eventhub.servicebus.windows.net/", "sb:///")),
    code: "HUB_ENDPOINT_INVALID",
    cause: /is not an address like sb:/,
    fix: /Shared access policies/,
  },
  {
    name: "an EntityPath that is not hub_name",
    id: "hub-access",
    settings: { ...RIGHT_SETTINGS, hub_name: "audit" },
    code: "ENTITY_PATH_DIFFERS",
    cause: /is for the Event Hub "logs", but hub_name is "audit"/,
    fix: /name the same Event Hub/,
  },
  {
    name: "the string of the whole namespace",
    id: "hub-access",
    settings: hub(HUB.replace(";EntityPath=logs", "")),
    code: "ENTITY_PATH_MISSING",
    status: "warning",
    cause: /has no EntityPath/,
    fix: /only the claim Listen on the Event Hub itself/,
  },
  {
    name: "no hub_name",
    id: "hub-access",
    settings: { ...RIGHT_SETTINGS, hub_name: " " },
    code: "SETTING_MISSING",
    cause: /^hub_name is not set/,
    fix: /set hub_name/,
  },
  {
    name: "no container",
    id: "storage-access",
    settings: { ...RIGHT_SETTINGS, storage_container_name: undefined },
    code: "SETTING_MISSING",
    cause: /^storage_container_name is not set/,
    fix: /set storage_container_name/,
  },
  {
    name: "no intake key",
    id: "intake-server",
    settings: { ...RIGHT_SETTINGS, intake_key: "" },
    code: "SETTING_MISSING",
    cause: /^intake_key is not set/,
    fix: /set intake_key/,
  },
  {
    name: "no storage account at all",
    id: "storage-access",
    settings: storage(undefined),
    code: "STORAGE_ACCESS_MISSING",
    cause: /neither storage_connection_string nor storage_account_url/,
    fix: /or storage_account_url/,
  },
  {
    name: "a storage account's string with an address that is none",
    id: "storage-access",
    settings: storage("BlobEndpoint=blobs;AccountName=a;AccountKey=b"),
    code: "STORAGE_ADDRESS_INVALID",
    cause: /does not contain the address of a storage account/,
    fix: /blob\.core\.windows\.net/,
  },
  {
    name: "a signature that is over",
    id: "storage-access",
    settings: storage(`${SAS}2020-01-01T00:00:00Z`),
    code: "STORAGE_SAS_EXPIRED",
    cause: /expired on 2020-01-01T00:00:00Z/,
    fix: /create a new signature/,
  },
  {
    name: "the setup guide's own example of a container, which Azure does not take",
    id: "storage-access",
    settings: { ...RIGHT_SETTINGS, storage_container_name: "sekoia_event_hub" },
    code: "CONTAINER_NAME_INVALID",
    cause: /"sekoia_event_hub" is not a valid container name/,
    fix: /sekoia-event-hub, not sekoia_event_hub/,
  },
  {
    name: "an intake without a scheme",
    id: "intake-server",
    settings: { ...RIGHT_SETTINGS, intake_server: "intake.sekoia.io" },
    code: "INTAKE_ADDRESS_INVALID",
    cause: /is not a web address/,
    fix: /https:\/\/intake\.sekoia\.io/,
  },
];

test.each(CASES)("$name: $code", async ({ id, settings, code, status = "failed", cause, fix }) => {
  // What is tried before must not leave this machine.
  const before =
    id === "hub-access"
      ? {}
      : { hub_connection_string: "", ...(id === "intake-server" ? { storage_connection_string: "" } : {}) };
  const given = Object.fromEntries(
    Object.entries({ ...settings, ...before }).filter(([, value]) => value !== undefined),
  );
  const result = await resultOf(id, given);
  expect(result).toMatchObject({
    id,
    code,
    status,
    detail: null,
    cause: expect.stringMatching(cause),
    fix: expect.stringMatching(fix),
  });
  expect(JSON.stringify(result)).not.toMatch(/aHViLXNlY3JldA|c3RvcmFnZS1zZWNyZXQ/);
});

test.each([
  {
    id: "hub-access",
    detail: 'Event Hub logs at company-eventhub.servicebus.windows.net, by the policy "sekoiaio"',
  },
  { id: "storage-access", detail: "container checkpoints at companycheckpoints.blob.core.windows.net" },
  { id: "intake-server", detail: "https://intake.sekoia.io" },
] as const)("right settings pass: $id", async ({ id, detail }) => {
  const closed = {
    ...RIGHT_SETTINGS,
    // What is tried before must not leave this machine.
    ...(id === "hub-access" ? {} : { hub_connection_string: "" }),
    ...(id === "intake-server" ? { storage_connection_string: "" } : {}),
  };
  expect(await resultOf(id, closed)).toMatchObject({ status: "passed", detail, cause: null, fix: null });
});

test("a namespace that is not a host name: HUB_NAMESPACE_INVALID", async () => {
  const { hub_connection_string: _, ...rest } = RIGHT_SETTINGS;
  const openCredential = async () => ({ getToken: async () => null });
  const result = await resultOf("hub-access", { ...rest, hub_namespace: "my namespace" }, { openCredential });
  expect(result).toMatchObject({
    code: "HUB_NAMESPACE_INVALID",
    cause: 'hub_namespace is "my namespace", which is not a host name',
    fix: expect.stringContaining("company-eventhub.servicebus.windows.net"),
  });
});

test("what breaks the schema is reported once: SETTINGS_INVALID, or SETTINGS_UNKNOWN", async () => {
  const problems = [
    { field: "chunk_size", text: "`chunk_size` must be a whole number" },
    { field: "hub_connection_string", text: "told by a check of its own" },
  ];
  expect(await resultOf("settings", RIGHT_SETTINGS, { problems })).toMatchObject({
    status: "failed",
    code: "SETTINGS_INVALID",
    cause: "the settings are not valid: `chunk_size` must be a whole number",
    fix: "correct these settings in the trigger's configuration",
  });
  expect(await resultOf("settings", RIGHT_SETTINGS, { unknown: ["hub_nmae"] })).toMatchObject({
    status: "warning",
    code: "SETTINGS_UNKNOWN",
    cause: "unknown settings have no effect: hub_nmae",
    fix: "correct their names, or remove them",
  });
});

test.each([
  ["hub-access", "hub_connection_string"],
  ["storage-access", "storage_connection_string"],
] as const)("%s tells what the schema alone finds wrong with %s", async (id, field) => {
  const problems = [{ field, text: `\`${field}\` must be left out` }];
  const settings = { ...RIGHT_SETTINGS, ...(id === "hub-access" ? {} : { hub_connection_string: "" }) };
  expect(await resultOf(id, settings, { problems })).toMatchObject({
    status: "failed",
    code: "SETTINGS_INVALID",
    cause: `the settings are not valid: \`${field}\` must be left out`,
  });
});

test("what depends on a failed check is skipped and names the one that failed; everything else is tried", async () => {
  const settings = {
    ...RIGHT_SETTINGS,
    hub_connection_string: "",
    storage_connection_string: "",
    intake_server: "x",
  };
  const results = [];
  for await (const result of runChecks(settings, ENVIRONMENT, new AbortController().signal)) {
    results.push(result);
  }
  expect(results.filter(({ status }) => status === "failed").map(({ id }) => id)).toEqual([
    "hub-access",
    "storage-access",
    "intake-server",
  ]);
  expect(results.find(({ id }) => id === "hub-events")).toMatchObject({
    status: "skipped",
    code: null,
    cause: 'not tried, since "Event Hub connection string" failed',
    fix: 'fix "Event Hub connection string" first',
  });
  expect(results.filter(({ status }) => status === "passed").map(({ id }) => id)).toEqual(["settings"]);
  expect(results.find(({ id }) => id === "clock")).toMatchObject({
    status: "skipped",
    cause: "not tried, since no server answered",
  });
});
