import { expect, test } from "vitest";
import { partsOf } from "../../../src/connector/endpoint/connection-string.ts";
import { type HubEndpoint, hubAddress } from "../../../src/connector/endpoint/hub.ts";
import { batchUrl, isExposed } from "../../../src/connector/endpoint/intake.ts";
import { accountUrlOf, type StorageEndpoint } from "../../../src/connector/endpoint/storage.ts";
import { accessTo } from "../../../src/connector/hub/amqp/access.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";

const KEY = "SharedAccessKeyName=listen;SharedAccessKey=a2V5";
const byKey = (endpoint: string, more = ""): HubEndpoint["access"] => ({
  kind: "key",
  connectionString: `Endpoint=${endpoint};${KEY};EntityPath=logs${more}`,
});
const EXPIRES_MS = 1_700_000_000_000;
const byIdentity = (namespace: string): HubEndpoint["access"] => ({
  kind: "entra",
  namespace,
  credential: { getToken: async () => ({ token: "token", expiresOnTimestamp: EXPIRES_MS }) },
});
const hubBy = (access: HubEndpoint["access"], transport: HubEndpoint["transport"] = "amqp"): HubEndpoint => ({
  access,
  hubName: "logs",
  transport,
  proxies: NO_PROXIES,
});

test.each([
  {
    name: "the public cloud",
    access: byKey("sb://a.servicebus.windows.net/"),
    at: "a.servicebus.windows.net:5671",
  },
  {
    name: "China",
    access: byKey("sb://a.servicebus.chinacloudapi.cn/"),
    at: "a.servicebus.chinacloudapi.cn:5671",
  },
  {
    name: "the US government",
    access: byIdentity("a.servicebus.usgovcloudapi.net"),
    at: "a.servicebus.usgovcloudapi.net:5671",
  },
  { name: "a port of its own", access: byKey("sb://localhost:1234"), at: "localhost:1234" },
  {
    name: "the emulator",
    access: byKey("sb://localhost", ";UseDevelopmentEmulator=true"),
    at: "localhost:5672",
  },
])("a hub in $name is at $at", ({ access, at }) => {
  const address = hubAddress(hubBy(access));
  expect(`${address?.host}:${address?.port}`).toBe(at);
  expect(address?.isTls).toBe(!at.endsWith("5672"));
});

test("WebSockets go to port 443, always over TLS; an address without a host is none", () => {
  const address = hubAddress(hubBy(byKey("sb://a.example/", ";UseDevelopmentEmulator=true"), "websockets"));
  expect(address).toEqual({ host: "a.example", port: 443, isTls: true });
  expect(hubAddress(hubBy(byKey("sb:///")))).toBeUndefined();
  expect(() => accessTo(hubBy(byKey("sb:///")), () => 0)).toThrow(/names no host; copy it again/);
});

test.each([
  { text: "AccountName=a;AccountKey=b", url: "https://a.blob.core.windows.net/" },
  {
    text: "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b;EndpointSuffix=core.chinacloudapi.cn",
    url: "https://a.blob.core.chinacloudapi.cn/",
  },
  {
    text: "BlobEndpoint=http://127.0.0.1:10000/a;SharedAccessSignature=sig=x",
    url: "http://127.0.0.1:10000/a",
  },
  { text: "UseDevelopmentStorage=true", url: "http://127.0.0.1:10000/devstoreaccount1" },
  { text: "AccountKey=b", url: undefined },
])("a storage account's address: $text", ({ text, url }) => {
  expect(accountUrlOf({ kind: "key", connectionString: text })?.href).toBe(url);
});

test("with Entra ID the storage account's address is the setting's", () => {
  const { credential } = byIdentity("x") as Extract<HubEndpoint["access"], { kind: "entra" }>;
  const access: StorageEndpoint["access"] = { kind: "entra", accountUrl: "https://a.example/", credential };
  expect(accountUrlOf(access)?.href).toBe("https://a.example/");
});

test.each([
  { leftMs: 3_600_000, renewAfterMs: 3_300_000 },
  { leftMs: 10_000, renewAfterMs: 60_000 },
])(
  "a token of Entra ID with $leftMs ms left is renewed after $renewAfterMs ms",
  async ({ leftMs, renewAfterMs }) => {
    const access = accessTo(hubBy(byIdentity("a.example")), () => EXPIRES_MS - leftMs);
    expect(access.endpoint).toBe("sb://a.example/");
    expect(await access.token("sb://a.example/logs")).toEqual({ token: "token", type: "jwt", renewAfterMs });
  },
);

test("values of a connection string may hold equals signs; names are found in any case", () => {
  expect([...partsOf("Endpoint=sb://a/ ; sharedACCESSkey = a== ;;=x;y")]).toEqual([
    ["endpoint", "sb://a/"],
    ["sharedaccesskey", "a=="],
  ]);
});

test.each(["https://i.example/path", "https://i.example/path/", "https://i.example/path//"])(
  "batches for %s go to one address",
  (server) => expect(batchUrl(server)).toBe("https://i.example/path/batch"),
);

test.each([
  { server: "http://intake.example", exposed: true },
  { server: "http://127.example.com/intake", exposed: true },
  { server: "http://10.0.0.1:8080/", exposed: true },
  { server: "HTTP://[::2]", exposed: true },
  { server: "https://intake.example", exposed: false },
  { server: "http://127.0.0.1:8080", exposed: false },
  { server: "http://127.9.9.9", exposed: false },
  { server: "http://LOCALHOST/", exposed: false },
  { server: "http://[::1]:8080", exposed: false },
])("events leave the machine without encryption to $server: $exposed", ({ server, exposed }) => {
  expect(isExposed(server)).toBe(exposed);
});
