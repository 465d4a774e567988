import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { NO_PROXIES } from "../../src/kernel/proxy.ts";
import { startHub } from "../../src/local/hub/server.ts";
import { type Authority, type KeyPair, makeAuthority } from "./support/certificates.ts";
import { CLOSED_PORT, RIGHT_SETTINGS, resultOf, resultsOf } from "./support/check.ts";
import { startProxy } from "./support/proxy.ts";

let authority: Authority;

beforeAll(() => {
  authority = makeAuthority();
  authority.trust();
});

afterAll(() => authority?.close());

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const startTcp = () => listen(createTcpServer((socket) => socket.end()));
const startTls = (pair: KeyPair) => listen(createTlsServer({ ...pair }, (socket) => socket.end()));

const hubAt = (host: string, port: number | string, more = "") => ({
  ...RIGHT_SETTINGS,
  hub_connection_string: `Endpoint=sb://${host}:${port};SharedAccessKeyName=n;SharedAccessKey=a2V5;EntityPath=logs${more}`,
});
const intakeAt = (url: string) => ({
  ...RIGHT_SETTINGS,
  hub_connection_string: "",
  storage_connection_string: "",
  intake_server: url,
});
const proxied = (url: URL) => ({ proxies: { ...NO_PROXIES, proxy: url } });

test("a name that nobody knows: HOST_UNKNOWN", async () => {
  // Longer than any name may be, so that no name server needs to be asked.
  const host = `${"x".repeat(64)}.example`;
  expect(await resultOf("hub-host", hubAt(host, 5671))).toMatchObject({
    status: "failed",
    code: "HOST_UNKNOWN",
    cause: `the host name "${host}" does not exist`,
    fix: expect.stringContaining("correct the name in hub_connection_string"),
  });
});

test("a private address is reported as one", async () => {
  expect(await resultOf("intake-host", intakeAt("http://10.1.2.3"))).toMatchObject({
    status: "passed",
    detail: "10.1.2.3 is 10.1.2.3, a private address (private endpoint)",
  });
});

test("a port that is closed: PORT_CLOSED", async () => {
  const [port, tls] = await resultsOf(
    ["intake-port", "intake-tls"],
    intakeAt(`http://127.0.0.1:${CLOSED_PORT}`),
  );
  expect(port).toMatchObject({
    status: "failed",
    code: "PORT_CLOSED",
    cause: "127.0.0.1 does not accept connections on port 1 (ECONNREFUSED)",
    fix: expect.stringContaining("allow connections to 127.0.0.1:1"),
  });
  expect(tls).toMatchObject({ status: "skipped", cause: 'not tried, since "Intake port" failed' });
});

test("AMQP's port closed and WebSockets working: AMQP_PORT_CLOSED; neither: PORT_CLOSED", async () => {
  const hub = await startHub({
    config: { UserConfig: { NamespaceConfig: [{ Entities: [{ Name: "logs", PartitionCount: 1 }] }] } },
    port: 0,
    tls: authority.issue("localhost"),
    webSockets: true,
  });
  onTestFinished(() => hub.close());
  const settings = hubAt("localhost", CLOSED_PORT);
  expect(await resultOf("hub-port", settings, { webSocketPort: hub.port })).toMatchObject({
    code: "AMQP_PORT_CLOSED",
    cause: `port 1 of localhost is closed for AMQP (ECONNREFUSED), but WebSockets on port ${hub.port} work`,
    fix: "set transport to websockets, or open port 1 in the firewall",
  });
  for (const webSocketPort of [CLOSED_PORT, await startTcp()]) {
    expect((await resultOf("hub-port", settings, { webSocketPort })).code).toBe("PORT_CLOSED");
  }
});

test.each([
  {
    status: 403,
    code: "PROXY_REFUSED",
    cause: /refuses to connect to 127\.0\.0\.1:\d+ \(HTTP 403\)/,
    fix: /NO_PROXY/,
  },
  {
    status: 407,
    code: "PROXY_WANTS_PASSWORD",
    cause: /requires a valid user name and password/,
    fix: /http:\/\/user:password@/,
  },
])("a proxy that answers $status: $code", async ({ status, code, cause, fix }) => {
  const proxy = await startProxy(() => status);
  onTestFinished(() => proxy.close());
  const url = new URL(proxy.url);
  url.username = "me";
  url.password = "proxy-secret";
  const result = await resultOf("intake-port", intakeAt("https://127.0.0.1:4433"), proxied(url));
  expect(result).toMatchObject({
    status: "failed",
    code,
    cause: expect.stringMatching(cause),
    fix: expect.stringMatching(fix),
  });
  expect(proxy.seen).toEqual(["CONNECT 127.0.0.1:4433"]);
  expect(JSON.stringify(result)).not.toContain("proxy-secret");
});

test("a proxy that is not there: PROXY_UNREACHABLE, with and without a tunnel", async () => {
  const proxy = proxied(new URL(`http://127.0.0.1:${CLOSED_PORT}`));
  for (const server of ["https://intake.example", "http://intake.example"]) {
    expect(await resultOf("intake-port", intakeAt(server), proxy)).toMatchObject({
      status: "failed",
      code: "PROXY_UNREACHABLE",
      cause: "the proxy http://127.0.0.1:1 cannot be reached (ECONNREFUSED)",
      fix: expect.stringContaining("correct proxy_url or the environment variable HTTPS_PROXY"),
    });
  }
});

test("a good certificate passes through the proxy, which looks up the name itself", async () => {
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const port = await startTls(authority.issue("localhost"));
  const ids = ["intake-host", "intake-port", "intake-tls"] as const;
  const results = await resultsOf(ids, intakeAt(`https://localhost:${port}`), proxied(proxy.url));
  expect(results.map(({ status }) => status)).toEqual(["passed", "passed", "passed"]);
  expect(results[0]?.detail).toMatch(/^the proxy http:.* resolves localhost$/);
  expect(results[2]?.detail).toMatch(/^TLSv1\.3, certificate valid until /);
  expect(proxy.seen).toEqual([`CONNECT localhost:${port}`, `CONNECT localhost:${port}`]);
});

test.each([
  {
    name: "that has ended",
    pair: () => authority.issue("localhost", ["20200101000000Z", "20210101000000Z"]),
    code: "CERTIFICATE_EXPIRED",
    cause: /^the certificate of localhost expired on Jan {1,2}1 00:00:00 2021 GMT$/,
    fix: /renew the certificate/,
  },
  {
    name: "that has not begun",
    pair: () => authority.issue("localhost", ["20990101000000Z", "20990201000000Z"]),
    code: "CERTIFICATE_NOT_YET_VALID",
    cause: /is not valid before Jan {1,2}1 00:00:00 2099 GMT$/,
    fix: /clock/,
  },
  {
    name: "for another host",
    pair: () => authority.issue("other.example"),
    code: "CERTIFICATE_FOR_OTHER_HOST",
    cause: /^the certificate of localhost is for other\.example$/,
    fix: /use the host's own name in hub_connection_string/,
  },
  {
    name: "of an authority that nobody trusts",
    pair: () => {
      const stranger = makeAuthority("Inspecting Firewall");
      try {
        return stranger.issue("localhost");
      } finally {
        stranger.close();
        authority.trust();
      }
    },
    code: "CERTIFICATE_NOT_TRUSTED",
    cause: /was issued by "Inspecting Firewall", which is not trusted here \(UNABLE_TO/,
    fix: /NODE_EXTRA_CA_CERTS/,
  },
])("a certificate $name: $code", async ({ pair, code, cause, fix }) => {
  const port = await startTls(pair());
  expect(await resultOf("hub-tls", hubAt("localhost", port))).toMatchObject({
    status: "failed",
    code,
    cause: expect.stringMatching(cause),
    fix: expect.stringMatching(fix),
  });
});

test("a port that speaks no TLS: NO_TLS", async () => {
  const port = await startTcp();
  expect(await resultOf("hub-tls", hubAt("127.0.0.1", port))).toMatchObject({
    status: "failed",
    code: "NO_TLS",
    cause: expect.stringMatching(/^127\.0\.0\.1:\d+ does not speak TLS \(ECONNRESET\)$/),
    fix: expect.stringContaining("check the port"),
  });
});
