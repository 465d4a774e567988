import { lookup } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, connect, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import { credentialsOf } from "../kernel/proxy.ts";
import { type Finding, found, passed } from "./contract.ts";

/** A server that a setting names. */
export type Target = {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** The setting that names it. */
  readonly setting: string;
  /** The proxy on the way; `undefined` for the direct way. */
  readonly proxy: URL | undefined;
  /** For a hub that is asked by AMQP: the other way in, and whether it works. */
  readonly webSockets: { readonly port: number; readonly isOpen: () => Promise<boolean> } | undefined;
};

const CONNECT_MS = 5000;
const PRIVATE = new BlockList();
for (const [address, prefix] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
] as const) {
  PRIVATE.addSubnet(address, prefix);
}
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/** Whether the name resolves; a private address is reported. */
export async function checkHost({ host, setting, proxy }: Target): Promise<Finding> {
  if (proxy !== undefined) {
    return passed(`the proxy ${nameOf(proxy)} resolves ${host}`);
  }
  try {
    const addresses = await lookup(host.replace(/^\[|\]$/g, ""), { all: true });
    const shown = addresses.map(({ address }) => address).join(", ");
    const isPrivate = addresses.some(({ address, family }) =>
      PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4"),
    );
    return passed(`${host} is ${shown}${isPrivate ? ", a private address (private endpoint)" : ""}`);
  } catch (thrown) {
    const code = codeOf(thrown);
    return code === "ENOTFOUND"
      ? found("HOST_UNKNOWN", { host, setting })
      : found("NAMES_NOT_RESOLVED", { host, code });
  }
}

/** Whether the port takes connections, through the proxy if there is one. */
export async function checkPort(target: Target, signal: AbortSignal): Promise<Finding> {
  const dialled = await dial(target, signal);
  if ("socket" in dialled) {
    dialled.socket.destroy();
    const way = target.proxy === undefined ? "" : ` through the proxy ${nameOf(target.proxy)}`;
    return passed(`port ${target.port} is open${way}`);
  }
  const { webSockets, host, port } = target;
  if (webSockets === undefined || !(await webSockets.isOpen())) {
    return dialled.finding;
  }
  const places = { host, port: String(port), code: dialled.code, webSocketPort: String(webSockets.port) };
  return found("AMQP_PORT_CLOSED", places);
}

/** Whether the server's certificate is good, by a handshake and nothing more. */
export async function checkTls(target: Target, signal: AbortSignal): Promise<Finding> {
  if (!target.isTls) {
    return passed("plain connection without TLS, as the address asks for");
  }
  const dialled = await dial(target, signal);
  if (!("socket" in dialled)) {
    return dialled.finding;
  }
  const { host } = target;
  const socket = connectTls({
    socket: dialled.socket,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // Judged below, where a refusal can still be explained; nothing is sent over this connection.
    rejectUnauthorized: false,
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  });
  try {
    await settled(socket, "secureConnect", signal);
    return judgeCertificate(socket, host, target.setting);
  } catch (thrown) {
    return found("NO_TLS", { host, port: String(target.port), code: codeOf(thrown) });
  } finally {
    socket.destroy();
    dialled.socket.destroy();
  }
}

function judgeCertificate(socket: TLSSocket, host: string, setting: string): Finding {
  const certificate = socket.getPeerCertificate();
  if (socket.authorized) {
    return passed(`${socket.getProtocol()}, certificate valid until ${certificate.valid_to}`);
  }
  // Declared as an error, but a text in fact.
  const code = String(socket.authorizationError);
  const { issuer, subject, subjectaltname, valid_from: from, valid_to: to } = certificate;
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return found("CERTIFICATE_EXPIRED", { host, date: to });
    case "CERT_NOT_YET_VALID":
      return found("CERTIFICATE_NOT_YET_VALID", { host, date: from });
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return found("CERTIFICATE_FOR_OTHER_HOST", {
        host,
        setting,
        names: (subjectaltname ?? textOf(subject?.CN)).replaceAll("DNS:", ""),
      });
    default:
      return found("CERTIFICATE_NOT_TRUSTED", { host, code, issuer: textOf(issuer?.O ?? issuer?.CN) });
  }
}

function textOf(name: string | string[] | undefined): string {
  return [name ?? "nobody"].flat().join(", ");
}

type Dialled = { readonly socket: Socket } | { readonly finding: Finding; readonly code: string };

/** Opens a connection to the target, or says what is in the way. */
async function dial(target: Target, signal: AbortSignal): Promise<Dialled> {
  const { host, port, proxy, isTls } = target;
  if (proxy !== undefined && isTls) {
    return tunnel(target, proxy, signal);
  }
  const to =
    proxy === undefined
      ? { host: host.replace(/^\[|\]$/g, ""), port }
      : { host: proxy.hostname, port: portOf(proxy) };
  const socket = connect(to);
  try {
    await settled(socket, "connect", signal);
    return { socket };
  } catch (thrown) {
    socket.destroy();
    const code = codeOf(thrown);
    const finding =
      proxy === undefined
        ? found("PORT_CLOSED", { host, port: String(port), code })
        : found("PROXY_UNREACHABLE", { proxy: nameOf(proxy), code });
    return { finding, code };
  }
}

/** HTTP CONNECT (RFC 9110 §9.3.6). */
function tunnel({ host, port }: Target, proxy: URL, signal: AbortSignal): Promise<Dialled> {
  const request = (proxy.protocol === "https:" ? httpsRequest : httpRequest)({
    host: proxy.hostname,
    port: portOf(proxy),
    method: "CONNECT",
    path: `${host}:${port}`,
    headers: { host: `${host}:${port}`, ...loginHeader(proxy) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]),
    agent: false,
  });
  return new Promise((resolve) => {
    const refuse = (status: number) => {
      const places = { proxy: nameOf(proxy), host, port: String(port), status: String(status) };
      const finding = status === 407 ? found("PROXY_WANTS_PASSWORD", places) : found("PROXY_REFUSED", places);
      resolve({ finding, code: `HTTP ${status}` });
    };
    request.once("connect", ({ statusCode = 0 }, socket) => {
      if (statusCode >= 200 && statusCode < 300) {
        resolve({ socket: socket as Socket });
        return;
      }
      socket.destroy();
      refuse(statusCode);
    });
    request.once("response", (response) => {
      response.destroy();
      refuse(response.statusCode ?? 0);
    });
    // Stays for errors that follow the answer.
    request.on("error", (thrown) => {
      const code = codeOf(thrown);
      resolve({ finding: found("PROXY_UNREACHABLE", { proxy: nameOf(proxy), code }), code });
    });
    request.end();
  });
}

/** Waits for `event`; rejects on an error, the end of the connection or after five seconds. */
function settled(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
  return new Promise((resolve, reject) => {
    const late = () => reject(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
    deadline.addEventListener("abort", late, { once: true });
    socket.once(event, () => {
      deadline.removeEventListener("abort", late);
      resolve();
    });
    // Stays for errors that follow.
    socket.on("error", reject);
    socket.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
  });
}

function loginHeader(proxy: URL): Readonly<Record<string, string>> {
  const login = credentialsOf(proxy);
  if (login === undefined) {
    return {};
  }
  const pair = Buffer.from(`${login.username}:${login.password}`);
  return { "proxy-authorization": `Basic ${pair.toString("base64")}` };
}

function portOf(proxy: URL): number {
  return Number(proxy.port || (proxy.protocol === "https:" ? 443 : 80));
}

/** A proxy's address without its user name and password. */
function nameOf(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

/** The short name of a system's or library's error. */
export function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return codeOf(thrown.errors[0]);
  }
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === "ABORT_ERR") {
    return "ETIMEDOUT";
  }
  return typeof code === "string" && code !== "" ? code : "no reason given";
}
