import { once } from "node:events";
import type { Duplex } from "node:stream";
import {
  EventHubConsumerClient,
  type EventHubConsumerClientOptions,
  EventHubProducerClient,
  type TokenCredential,
} from "@azure/event-hubs";
import WebSocket, { createWebSocketStream } from "ws";
import { agentFor, type Proxies } from "../../kernel/proxy.ts";
import { partsOf } from "./connection-string.ts";

/** How the hub is reached: AMQP on port 5671, or AMQP over WebSockets on 443. */
export type Transport = "amqp" | "websockets";

/** Where the hub is, how it is reached and by what it knows us. */
export type HubEndpoint = {
  readonly access:
    | { readonly kind: "key"; readonly connectionString: string }
    /** `namespace`: its host name, in any cloud. */
    | { readonly kind: "entra"; readonly namespace: string; readonly credential: TokenCredential };
  readonly hubName: string;
  readonly transport: Transport;
  readonly proxies: Proxies;
};

export type HubAddress = {
  readonly host: string;
  readonly port: number;
  /** The official emulator and its kin speak plain TCP. */
  readonly isTls: boolean;
};

const AMQP_PORT = 5671;
const EMULATOR_PORT = 5672;
const WEB_SOCKET_PORT = 443;
const HANDSHAKE_MS = 20_000;

/** @returns undefined if the connection string names no host. */
export function hubAddress({ access, transport }: HubEndpoint): HubAddress | undefined {
  const parts = partsOf(
    access.kind === "key" ? access.connectionString : `Endpoint=sb://${access.namespace}`,
  );
  const [, host, port] = /^[a-z]+:\/\/([\w.-]+)(?::(\d+))?\/?$/i.exec(parts.get("endpoint") ?? "") ?? [];
  if (host === undefined) {
    return undefined;
  }
  const isTls = parts.get("usedevelopmentemulator")?.toLowerCase() !== "true" || transport === "websockets";
  const amqpPort = isTls ? AMQP_PORT : EMULATOR_PORT;
  return {
    host,
    port: port === undefined ? (transport === "amqp" ? amqpPort : WEB_SOCKET_PORT) : Number(port),
    isTls,
  };
}

/**
 * The name of the namespace in the paths of checkpoints and ownership: its host, and the port where the connection string
 * gives one. So do the clients of other languages, and those of one group must find each other's blobs.
 */
export function namespaceOf({ access }: HubEndpoint): string {
  if (access.kind === "entra") {
    return access.namespace;
  }
  const endpoint = partsOf(access.connectionString).get("endpoint") ?? "";
  return endpoint.replace(/^[a-z]+:\/\//i, "").replace(/\/.*$/, "");
}

/** The address of the hub's WebSockets, whose TLS is never left out. */
function webSocketUrl(endpoint: HubEndpoint): URL {
  const { host, port } = hubAddress(endpoint) ?? { host: "", port: WEB_SOCKET_PORT };
  return new URL(`wss://${host}:${port}/$servicebus/websocket`);
}

/**
 * Opens a WebSocket that carries the bytes of AMQP, through the proxy if there is one.
 * @param port In place of the endpoint's own.
 * @throws the error of the way there: a refused connection or proxy, a bad certificate, an answer that is not a WebSocket.
 */
export async function openWebSocketStream(endpoint: HubEndpoint, port?: number): Promise<Duplex> {
  const url = webSocketUrl(endpoint);
  if (port !== undefined) {
    url.port = String(port);
  }
  const agent = agentFor(url, endpoint.proxies);
  const options = { agent, handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false };
  const socket = new WebSocket(url, ["AMQPWSB10"], options);
  await once(socket, "open");
  return createWebSocketStream(socket);
}

/** The SDK's client that reads the hub as `consumerGroup`, or asks for its state. */
export function openConsumerClient(
  endpoint: HubEndpoint,
  consumerGroup: string,
  options: EventHubConsumerClientOptions,
): EventHubConsumerClient {
  const { access, hubName } = endpoint;
  const all = clientOptions(endpoint, options);
  return access.kind === "key"
    ? new EventHubConsumerClient(consumerGroup, access.connectionString, hubName, all)
    : new EventHubConsumerClient(consumerGroup, access.namespace, hubName, access.credential, all);
}

/** The SDK's client that could send to the hub. */
export function openProducerClient(
  endpoint: HubEndpoint,
  options: EventHubConsumerClientOptions,
): EventHubProducerClient {
  const { access, hubName } = endpoint;
  const all = clientOptions(endpoint, options);
  return access.kind === "key"
    ? new EventHubProducerClient(access.connectionString, hubName, all)
    : new EventHubProducerClient(access.namespace, hubName, access.credential, all);
}

function clientOptions(endpoint: HubEndpoint, options: EventHubConsumerClientOptions) {
  if (endpoint.transport === "amqp") {
    return options;
  }
  const agent = agentFor(webSocketUrl(endpoint), endpoint.proxies);
  return { ...options, webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { agent } } };
}
