import { EventHubConsumerClient, latestEventPosition, type TokenCredential } from "@azure/event-hubs";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  BlobServiceClient,
  type ContainerClient,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  SASProtocol,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { NotSignedIn } from "../../src/connector/endpoint/errors.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { type LocalHubServer, startHub } from "../../src/local/hub/server.ts";
import { type LocalStorage, startStorage } from "../../src/local/storage/azurite.ts";
import { makeAuthority } from "./support/certificates.ts";
import { RIGHT_SETTINGS, resultOf, resultsOf } from "./support/check.ts";
import { type Interference, startStorageFront } from "./support/storage-front.ts";

let storage: LocalStorage;
let service: BlobServiceClient;
let number = 0;

beforeAll(async () => {
  storage = await startStorage();
  service = BlobServiceClient.fromConnectionString(storage.connectionString);
});

afterAll(() => storage?.close());

const settingsFor = (connectionString: string, container: string) => ({
  ...RIGHT_SETTINGS,
  hub_connection_string: "",
  storage_connection_string: connectionString,
  storage_container_name: container,
});

async function newContainer(): Promise<ContainerClient> {
  const container = service.getContainerClient(`container-${++number}`);
  await container.create();
  return container;
}

async function names(container: ContainerClient): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of container.listBlobsFlat()) {
    found.push(name);
  }
  return found;
}

const within = () => ({ expiresOn: new Date(Date.now() + 3_600_000), protocol: SASProtocol.HttpsAndHttp });
const credential = () => service.credential as StorageSharedKeyCredential;

/** The connection string of a signature for the whole account. */
function accountSas(permissions: string): string {
  const signature = generateAccountSASQueryParameters(
    {
      ...within(),
      permissions: AccountSASPermissions.parse(permissions),
      services: AccountSASServices.parse("b").toString(),
      resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
    },
    credential(),
  );
  return `BlobEndpoint=${service.url};SharedAccessSignature=${signature}`;
}

/** The connection string of a signature for one container. */
function containerSas(containerName: string, permissions: string): string {
  const signature = generateBlobSASQueryParameters(
    { ...within(), containerName, permissions: ContainerSASPermissions.parse(permissions) },
    credential(),
  );
  return `BlobEndpoint=${service.url};SharedAccessSignature=${signature}`;
}

async function frontOf(interfere: (method: string, url: string) => Interference): Promise<string> {
  const front = await startStorageFront(storage, interfere);
  onTestFinished(() => front.close());
  return front.connectionString;
}

const TOKEN = { token: "token", expiresOnTimestamp: Date.now() + 3_600_000 };
const asIdentity = (getToken: TokenCredential["getToken"]) => ({
  openCredential: async () => ({ getToken }),
});

/** Settings for an account that is asked with tokens. */
async function entraSettings(container: string, interfere: (method: string) => Interference) {
  const authority = makeAuthority();
  onTestFinished(() => authority.close());
  authority.trust();
  const front = await startStorageFront(storage, interfere, authority.issue("localhost"));
  onTestFinished(() => front.close());
  const { storage_connection_string: _, ...rest } = settingsFor("", container);
  return { ...rest, storage_account_url: `https://localhost:${front.port}/devstoreaccount1` };
}

const ALL = ["storage-key", "container", "blob", "storage-options"] as const;

test("a container that is there passes and keeps nothing of the check", async () => {
  const container = await newContainer();
  const results = await resultsOf(ALL, settingsFor(storage.connectionString, container.containerName));
  expect(results.map(({ status, detail }) => `${status}: ${detail}`)).toEqual([
    "passed: the storage account accepts the key",
    `passed: the container ${container.containerName} exists`,
    "passed: a blob was written, its metadata set conditionally, and deleted",
    "passed: no soft delete, no versions, no hierarchical namespace",
  ]);
  expect(await names(container)).toEqual([]);
});

test("a container that is missing is created", async () => {
  const result = await resultOf("container", settingsFor(storage.connectionString, "made-by-check"));
  expect(result).toMatchObject({
    status: "passed",
    detail: "the container made-by-check did not exist and was created",
  });
  expect(await service.getContainerClient("made-by-check").exists()).toBe(true);
});

test("a wrong key: STORAGE_KEY_REFUSED", async () => {
  const wrong = storage.connectionString.replace(/AccountKey=[^;]+/, "AccountKey=d3Jvbmcta2V5");
  const [key, blob] = await resultsOf(["storage-key", "blob"], settingsFor(wrong, "container"));
  expect(key).toMatchObject({
    status: "failed",
    code: "STORAGE_KEY_REFUSED",
    cause: expect.stringMatching(/^the storage account refuses the key \(Auth\w+\)$/),
    fix: "copy storage_connection_string again from the storage account's page Access keys",
    guideStep: "step 8, storage connection string",
  });
  expect(blob).toMatchObject({ status: "skipped", cause: 'not tried, since "Storage key" failed' });
});

test("a signature that may only read: BLOB_NOT_WRITABLE, or CONTAINER_NOT_CREATABLE without a container", async () => {
  const { containerName: container } = await newContainer();
  expect(await resultOf("blob", settingsFor(accountSas("rl"), container))).toMatchObject({
    status: "failed",
    code: "BLOB_NOT_WRITABLE",
    cause: expect.stringMatching(
      new RegExp(`^the key may not write blobs into the container "${container}" \\(Auth\\w+\\)$`),
    ),
    fix: expect.stringContaining("a signature that may read, write, list, add and create"),
  });
  expect(await resultOf("container", settingsFor(accountSas("rl"), "not-there"))).toMatchObject({
    status: "failed",
    code: "CONTAINER_NOT_CREATABLE",
    cause: expect.stringMatching(
      /^the container "not-there" does not exist, and the key may not create it \(Auth/,
    ),
    fix: expect.stringContaining("create the container"),
  });
});

test("a signature for one container passes, and tells what it may not see", async () => {
  const container = await newContainer();
  const settings = settingsFor(containerSas(container.containerName, "racwdl"), container.containerName);
  const results = await resultsOf(ALL, settings);
  expect(results.map(({ status }) => status)).toEqual(["passed", "passed", "passed", "passed"]);
  expect(results[3]?.detail).toBe(
    "the key may not read the account's options; make sure that soft delete is off",
  );
  expect(await names(container)).toEqual([]);
});

test("a signature that may not delete: BLOB_NOT_DELETABLE, and what stays is named", async () => {
  const container = await newContainer();
  const settings = settingsFor(containerSas(container.containerName, "racwl"), container.containerName);
  const result = await resultOf("blob", settings);
  const [left] = await names(container);
  expect(result).toMatchObject({
    status: "warning",
    code: "BLOB_NOT_DELETABLE",
    cause: expect.stringContaining(`"${left}"`),
    fix: "delete it by hand; the trigger itself deletes nothing",
  });
});

test("an account that keeps deleted blobs: SOFT_DELETE_ON", async () => {
  const { containerName } = await newContainer();
  await service.setProperties({ deleteRetentionPolicy: { enabled: true, days: 7 } });
  try {
    expect(
      await resultOf("storage-options", settingsFor(storage.connectionString, containerName)),
    ).toMatchObject({
      status: "warning",
      code: "SOFT_DELETE_ON",
      cause: expect.stringContaining("soft delete for blobs is on"),
      fix: expect.stringContaining("Data protection"),
    });
  } finally {
    await service.setProperties({ deleteRetentionPolicy: { enabled: false } });
  }
});

test.each([
  {
    code: "VERSIONING_ON",
    headers: { "x-ms-version-id": "2026-11-24T08:00:00.0000000Z" },
    cause: /versioning for blobs is on/,
    fix: /turn off versioning/,
  },
  {
    code: "HIERARCHICAL_NAMESPACE_ON",
    headers: { "x-ms-is-hns-enabled": "true" },
    cause: /hierarchical namespace/,
    fix: /without hierarchical namespace/,
  },
])("an account that answers with $headers: $code", async ({ code, headers, cause, fix }) => {
  const { containerName } = await newContainer();
  const connectionString = await frontOf(() => ({ headers }));
  expect(await resultOf("storage-options", settingsFor(connectionString, containerName))).toMatchObject({
    status: "warning",
    code,
    cause: expect.stringMatching(cause),
    fix: expect.stringMatching(fix),
  });
});

test.each([
  {
    name: "whose firewall refuses us",
    id: "storage-key" as const,
    refuse: { status: 403, code: "AuthorizationFailure" },
    when: () => true,
    code: "STORAGE_ADDRESS_REFUSED",
    cause: /firewall refuses this machine \(AuthorizationFailure\)/,
    fix: /page Networking/,
  },
  {
    name: "that fails",
    id: "storage-key" as const,
    refuse: { status: 400, code: "OutOfRangeInput" },
    when: () => true,
    code: "STORAGE_FAILED",
    cause: /gave an unexpected answer: OutOfRangeInput/,
    fix: /run the check again/,
  },
  {
    name: "whose container is on its way out",
    id: "container" as const,
    refuse: { status: 409, code: "ContainerBeingDeleted" },
    when: (method: string) => method === "PUT",
    code: "CONTAINER_BEING_DELETED",
    cause: /is being deleted/,
    fix: /wait a minute/,
  },
  {
    name: "without metadata",
    id: "blob" as const,
    refuse: { status: 409, code: "FeatureNotSupported" },
    when: (_method: string, url: string) => url.includes("comp=metadata"),
    code: "BLOB_METADATA_NOT_WRITABLE",
    cause: /metadata cannot be set conditionally \(FeatureNotSupported\)/,
    fix: /StorageV2/,
  },
])("an account $name: $code", async ({ id, refuse, when, code, cause, fix }) => {
  const name = id === "container" ? "on-its-way-out" : (await newContainer()).containerName;
  const connectionString = await frontOf((method, url) => (when(method, url) ? { refuse } : {}));
  expect(await resultOf(id, settingsFor(connectionString, name))).toMatchObject({
    status: "failed",
    code,
    cause: expect.stringMatching(cause),
    fix: expect.stringMatching(fix),
  });
});

test.each([
  { name: "without a role", id: "storage-key", isRefused: () => true },
  { name: "that may only read", id: "blob", isRefused: (method: string) => method === "PUT" },
] as const)("an identity $name: STORAGE_TOKEN_REFUSED", async ({ id, isRefused }) => {
  const { containerName } = await newContainer();
  const refuse = { status: 403, code: "AuthorizationPermissionMismatch" };
  const signature = new URLSearchParams(accountSas("rwdlac").split("SharedAccessSignature=")[1]);
  const settings = await entraSettings(containerName, (method) =>
    isRefused(method) ? { refuse } : { signature },
  );
  expect(
    await resultOf(
      id,
      settings,
      asIdentity(async () => TOKEN),
    ),
  ).toMatchObject({
    status: "failed",
    code: "STORAGE_TOKEN_REFUSED",
    cause: "the storage account refuses the identity (AuthorizationPermissionMismatch)",
    fix: expect.stringContaining("Storage Blob Data Contributor"),
  });
});

test("nobody at all: ENTRA_NOT_SIGNED_IN", async () => {
  const settings = await entraSettings("container", () => ({}));
  const nobody = asIdentity(() => Promise.reject(new NotSignedIn("no identity was found")));
  expect(await resultOf("storage-key", settings, nobody)).toMatchObject({
    status: "failed",
    code: "ENTRA_NOT_SIGNED_IN",
    cause: "Entra ID gave no token: no identity was found",
    fix: expect.stringContaining("AZURE_TENANT_ID"),
  });
});

test("who reads with the consumer group: nobody, this trigger, or somebody else (GROUP_SHARED)", async () => {
  const entities = [{ Name: "logs", PartitionCount: 2, ConsumerGroups: [{ Name: "soc" }] }];
  const hub: LocalHubServer = await startHub({
    config: { UserConfig: { NamespaceConfig: [{ Entities: entities }] } },
    port: 0,
  });
  onTestFinished(() => hub.close());
  hub.hub("logs").append("0", [Buffer.from("{}")]);
  const container = await newContainer();
  const settings = {
    ...settingsFor(storage.connectionString, container.containerName),
    hub_connection_string: hub.connectionString("logs"),
  };
  const own = async (partition: string, ownerid: string) =>
    container
      .getBlockBlobClient(`localhost:${hub.port}/logs/soc/ownership/${partition}`)
      .upload("", 0, { metadata: { ownerid } });
  expect(await resultOf("group-readers", settings)).toMatchObject({
    status: "passed",
    detail: "no other program uses the consumer group soc with this container",
  });
  const reader = new EventHubConsumerClient("soc", hub.connectionString("logs"));
  onTestFinished(() => reader.close());
  const handlers = { processEvents: async () => {}, processError: async () => {} };
  reader.subscribe("0", handlers, { startPosition: latestEventPosition, ownerLevel: 1 });
  await expect.poll(() => hub.stats().receivers.length, { timeout: 10_000 }).toBe(1);
  expect(await resultOf("group-readers", settings)).toMatchObject({
    status: "warning",
    code: "GROUP_SHARED",
    cause: expect.stringContaining("it holds a partition, and keeps its positions in another place"),
  });
  await own("0", "eventhub-intake-4711");
  expect(await resultOf("group-readers", settings)).toMatchObject({
    status: "passed",
    detail: "this trigger itself is running and reads with soc",
  });
  await own("1", "logstash-1");
  expect(await resultOf("group-readers", settings)).toMatchObject({
    status: "warning",
    code: "GROUP_SHARED",
    cause: expect.stringMatching(
      /^another program reads with the consumer group "soc": logstash-1 owned 1 partition .* ago$/,
    ),
    fix: expect.stringContaining("for this trigger alone"),
    guideStep: "step 6, consumer group",
  });
  const later = { ...systemClock, now: () => Date.now() + 3_600_000 };
  await reader.close();
  expect(await resultOf("group-readers", settings, { clock: later })).toMatchObject({ status: "passed" });
  expect(await names(container)).toEqual([
    `localhost:${hub.port}/logs/soc/ownership/0`,
    `localhost:${hub.port}/logs/soc/ownership/1`,
  ]);
});
