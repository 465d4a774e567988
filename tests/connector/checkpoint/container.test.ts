import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureContainer, openContainer } from "../../../src/connector/checkpoint/store.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import { type LocalStorage, startStorage } from "../../../src/local/storage/azurite.ts";

let storage: LocalStorage;

beforeAll(async () => {
  storage = await startStorage();
});
afterAll(() => storage?.close());

const ensure = async (containerName: string, connectionString = storage.connectionString) =>
  ensureContainer(
    openContainer({ access: { kind: "key", connectionString }, containerName, proxies: NO_PROXIES }),
  );

test("the container is made if it is missing, and may be there", async () => {
  await ensure("made");
  await ensure("made");
});

test.each([
  {
    name: "an invalid name",
    containerName: "c1",
    wrong: (text: string) => text,
    code: "STORAGE_REFUSED",
    told: /^storage_container_name "c1" is not a container name; use 3 to 63/,
  },
  {
    name: "a wrong key",
    containerName: "made",
    wrong: (text: string) => text.replace(/AccountKey=[^;]+/, "AccountKey=d3Jvbmc="),
    code: "STORAGE_REFUSED",
    told: /^the storage account refused the key; copy storage_connection_string again/,
  },
  {
    name: "an account that does not answer",
    containerName: "made",
    wrong: (text: string) => text.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1"),
    code: "STORAGE_UNREACHABLE",
    told: /^cannot open the storage container "made" \(.*ECONNREFUSED.*retrying\. Check/,
  },
  {
    name: "an invalid connection string",
    containerName: "made",
    wrong: () => "AccountKey=d3Jvbmc=",
    code: "STORAGE_REFUSED",
    told: /^storage_connection_string is not a connection string; copy it/,
  },
])("$name is reported in one line", async ({ containerName, wrong, code, told }) => {
  const ensured = ensure(containerName, wrong(storage.connectionString));
  await expect(ensured).rejects.toMatchObject({ code, message: expect.stringMatching(told) });
  await expect(ensured).rejects.not.toThrow(/\n|d3Jvbmc/);
});
