import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  BlobServiceClient,
  generateAccountSASQueryParameters,
  SASProtocol,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connectionStringOf, type SharedAccessKey } from "../../src/local/hub/keys.ts";
import type { HubOptions } from "../../src/local/hub/server.ts";
import { type LocalStorage, startStorage } from "../../src/local/storage/azurite.ts";
import { type Authority, makeAuthority } from "../preflight/support/certificates.ts";
import { startProxy } from "../preflight/support/proxy.ts";
import { startStorageFront } from "../preflight/support/storage-front.ts";
import { startHub } from "../support/hub-faults.ts";
import { startIntake } from "../support/intake-faults.ts";

const KEY: SharedAccessKey = { name: "listener", key: "bGlzdGVuLWtleQ==", claims: ["Listen"] };
const CLIENT_SECRET = "client-secret-of-this-test";
const TOKEN = "token-of-this-test";
const INTAKE_KEY = "intake-key-of-this-test";
const CONFIG = {
  UserConfig: {
    NamespaceConfig: [
      { Entities: [{ Name: "logs", PartitionCount: 2, ConsumerGroups: [{ Name: "sekoiaio" }] }] },
    ],
  },
};

let authority: Authority;
let storage: LocalStorage;

beforeAll(async () => {
  authority = makeAuthority();
  storage = await startStorage();
});

afterAll(async () => {
  await storage?.close();
  authority?.close();
});

/** A hub with TLS by the test's own authority, a message in each partition, and an intake. */
async function startServers(options: Partial<HubOptions>) {
  const tls = authority.issue("localhost");
  const hub = await startHub({ config: CONFIG, port: 0, keys: [KEY], tls, ...options });
  onTestFinished(() => hub.close());
  for (const partition of ["0", "1"]) {
    hub.hub("logs").append(partition, [Buffer.from(`{"p":${partition}}`)]);
  }
  const intake = await startIntake({ keys: [INTAKE_KEY] });
  onTestFinished(() => intake.close());
  return { hub, intake };
}

type Run = { readonly child: ChildProcess; output(): string; readonly exit: Promise<number | null> };

/** Runs the product as a person would, trusting the test's authority. */
function run(args: readonly string[], settings: object, env: Readonly<Record<string, string>> = {}): Run {
  const folder = mkdtempSync(join(tmpdir(), "anywhere-"));
  const config = join(folder, "settings.json");
  writeFileSync(config, JSON.stringify(settings));
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "src/cli/main.ts", ...args, "--config", config],
    {
      env: { PATH: process.env["PATH"], NODE_EXTRA_CA_CERTS: authority.certPath, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  }
  const exit = once(child, "close").then(([code]): number | null => code);
  return { child, output: () => output, exit };
}

/** The checks, and then the trigger until the intake has both events. */
async function checkAndRun(
  settings: object,
  accepted: () => number,
  env: Readonly<Record<string, string>> = {},
  afterwards: (accepted: (count: number) => Promise<void>) => Promise<void> = async () => {},
): Promise<string> {
  const check = run(["check", "--json"], settings, env);
  expect(await check.exit, check.output()).toBe(0);
  const trigger = run(["run"], settings, env);
  const until = (count: number) =>
    expect.poll(accepted, { timeout: 30_000, interval: 50, message: trigger.output() }).toBe(count);
  await until(2);
  await afterwards(until);
  trigger.child.kill("SIGTERM");
  expect(await trigger.exit, trigger.output()).toBe(0);
  return check.output() + trigger.output();
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

test("over WebSockets and through a proxy: hub, storage and intake are reached by it alone", async () => {
  const { hub, intake } = await startServers({ webSockets: true });
  const isAllowed = `Basic ${Buffer.from("me:proxy-password").toString("base64")}`;
  const proxy = await startProxy((_target, { headers }) =>
    headers["proxy-authorization"] === isAllowed ? undefined : 407,
  );
  onTestFinished(() => proxy.close());
  const settings = {
    hub_connection_string: connectionStringOf(KEY, hub.port, true, "logs"),
    hub_name: "logs",
    storage_connection_string: storage.connectionString,
    storage_container_name: "by-proxy",
    intake_key: INTAKE_KEY,
    intake_server: intake.url,
    transport: "websockets",
    proxy_url: proxy.url.href.replace("//", "//me:proxy-password@"),
  };
  const output = await checkAndRun(
    settings,
    () => intake.count(),
    {},
    async (until) => {
      expect(hub.faults.dropConnections()).toBeGreaterThan(0);
      hub.hub("logs").append("0", [Buffer.from('{"p":"after the drop"}')]);
      await until(3);
    },
  );
  const ways = new Set(
    proxy.seen.map((line) => line.replace(/^\w+ (?=http)/, "").replace(/(:\d+)\/.*/, "$1")),
  );
  expect([...ways].sort()).toEqual(
    [`CONNECT localhost:${hub.port}`, `http://127.0.0.1:${storage.port}`, intake.url].sort(),
  );
  for (const secret of ["proxy-password", KEY.key, INTAKE_KEY]) {
    expect(output).not.toContain(secret);
  }
}, 90_000);

test("the environment's proxy serves the storage account, and NO_PROXY leads past it to the intake; AMQP over TLS goes directly", async () => {
  const { hub, intake } = await startServers({});
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const settings = {
    hub_connection_string: connectionStringOf(KEY, hub.port, true, "logs"),
    hub_name: "logs",
    storage_connection_string: storage.connectionString,
    storage_container_name: "by-environment",
    intake_key: INTAKE_KEY,
    intake_server: intake.url.replace("127.0.0.1", "localhost"),
  };
  const env = { https_proxy: proxy.url.href, NO_PROXY: "other.example, localhost" };
  await checkAndRun(settings, () => intake.count(), env);
  const hosts = new Set(proxy.seen.map((line) => new URL(line.replace(/^\w+ /, "")).host));
  expect(hosts).toEqual(new Set([`127.0.0.1:${storage.port}`]));
}, 90_000);

/** A signature made elsewhere, in place of the key. @param lastsS Negative: it has ended already. */
function signedConnectionString(port: number, lastsS: number): string {
  const resource = encodeURIComponent(`sb://localhost:${port}/logs`);
  const expiry = Math.floor(Date.now() / 1000) + lastsS;
  const signature = createHmac("sha256", KEY.key).update(`${resource}\n${expiry}`).digest("base64");
  return `Endpoint=sb://localhost:${port}/;SharedAccessSignature=SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${KEY.name};EntityPath=logs`;
}

test("with a signature in place of the key the trigger forwards; once it has ended, check says so and when", async () => {
  const { hub, intake } = await startServers({});
  const settings = (lastsS: number) => ({
    hub_connection_string: signedConnectionString(hub.port, lastsS),
    hub_name: "logs",
    storage_connection_string: storage.connectionString,
    storage_container_name: "by-signature",
    intake_key: INTAKE_KEY,
    intake_server: intake.url,
  });
  const output = await checkAndRun(settings(3600), () => intake.count());
  expect(output).not.toMatch(/sig=/);
  const check = run(["check", "--json"], settings(-60));
  expect(await check.exit).toBe(1);
  expect(check.output()).toMatch(/expired/i);
  expect(check.output()).not.toMatch(/sig=/);
  const trigger = run(["run"], settings(-60));
  await expect
    .poll(trigger.output, { timeout: 30_000, interval: 50 })
    .toMatch(/ExpiredToken: The token is expired\. Expiration time: \d{4}-/);
  trigger.child.kill("SIGTERM");
  await trigger.exit;
}, 90_000);

/** Entra ID, as far as a client with a secret needs it. */
async function startTokenServer(): Promise<{ readonly url: string; readonly scopes: string[] }> {
  const scopes: string[] = [];
  let url = "";
  const server = createServer(authority.issue("localhost"), (request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => {
      body += data.toString();
    });
    request.on("end", () => {
      const json = (value: object) => {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
      };
      if (request.url?.includes("openid-configuration")) {
        const tenant = `${url}/tenant-1`;
        json({
          token_endpoint: `${tenant}/oauth2/v2.0/token`,
          authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
          issuer: `${tenant}/v2.0`,
          jwks_uri: `${tenant}/keys`,
        });
        return;
      }
      const form = new URLSearchParams(body);
      if (form.get("client_secret") !== CLIENT_SECRET) {
        response.writeHead(401, { "content-type": "application/json" });
        response.end(
          JSON.stringify({
            error: "invalid_client",
            error_description: "AADSTS7000215: Invalid client secret provided.",
          }),
        );
        return;
      }
      scopes.push(form.get("scope") ?? "");
      json({ token_type: "Bearer", expires_in: 3600, access_token: TOKEN });
    });
  });
  url = `https://localhost:${await listen(server)}`;
  return { url, scopes };
}

/** A storage account that takes tokens, before the local one that takes signatures. */
async function startEntraStorage(): Promise<string> {
  const service = BlobServiceClient.fromConnectionString(storage.connectionString);
  const signature = generateAccountSASQueryParameters(
    {
      expiresOn: new Date(Date.now() + 3_600_000),
      protocol: SASProtocol.HttpsAndHttp,
      permissions: AccountSASPermissions.parse("rwdlac"),
      services: AccountSASServices.parse("b").toString(),
      resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
    },
    service.credential as StorageSharedKeyCredential,
  ).toString();
  const front = await startStorageFront(
    storage,
    (_method, _url, authorization) =>
      authorization === `Bearer ${TOKEN}`
        ? { signature: new URLSearchParams(signature) }
        : { refuse: { status: 401, code: "NoAuthenticationInformation" } },
    authority.issue("localhost"),
  );
  onTestFinished(() => front.close());
  return `https://localhost:${front.port}/devstoreaccount1`;
}

test("with Entra ID and a client secret, no key is needed, and tokens too come through the proxy", async () => {
  const { hub, intake } = await startServers({ identities: [{ token: TOKEN, claims: ["Listen"] }] });
  const tokens = await startTokenServer();
  const settings = {
    hub_namespace: `localhost:${hub.port}`,
    hub_name: "logs",
    storage_account_url: await startEntraStorage(),
    storage_container_name: "by-entra",
    intake_key: INTAKE_KEY,
    intake_server: intake.url,
  };
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const env = {
    HTTPS_PROXY: proxy.url.href,
    NO_PROXY: "127.0.0.1",
    AZURE_TENANT_ID: "tenant-1",
    AZURE_CLIENT_ID: "client-1",
    AZURE_CLIENT_SECRET: CLIENT_SECRET,
    AZURE_AUTHORITY_HOST: tokens.url,
  };
  const output = await checkAndRun(settings, () => intake.count(), env);
  expect(tokens.scopes.some((scope) => scope.startsWith("https://eventhubs.azure.net//.default"))).toBe(true);
  expect(tokens.scopes.some((scope) => scope.startsWith("https://storage.azure.com/.default"))).toBe(true);
  const hosts = [settings.storage_account_url, tokens.url].map((url) => `CONNECT ${new URL(url).host}`);
  expect(new Set(proxy.seen)).toEqual(new Set(hosts));
  for (const secret of [TOKEN, CLIENT_SECRET]) {
    expect(output).not.toContain(secret);
  }

  const wrongly = { ...env, AZURE_CLIENT_SECRET: "wrong" };
  const trigger = run(["run"], settings, wrongly);
  await expect
    .poll(trigger.output, { timeout: 20_000 })
    .toMatch(/Entra ID gave no token \(.*AADSTS7000215.*\); set AZURE_TENANT_ID/);
  trigger.child.kill("SIGTERM");
  await trigger.exit;
  const wrong = run(["check", "--json"], settings, wrongly);
  expect(await wrong.exit).toBe(1);
  const { checks } = JSON.parse(wrong.output()) as { checks: { id: string; code: string; fix: string }[] };
  expect(checks.find(({ id }) => id === "hub-key")).toMatchObject({
    code: "ENTRA_NOT_SIGNED_IN",
    fix: expect.stringContaining("AZURE_CLIENT_SECRET"),
  });
}, 120_000);
