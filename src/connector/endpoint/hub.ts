import { Agent } from "node:https";
import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type RetryOptions,
  type TokenCredential,
} from "@azure/event-hubs";
import WebSocket from "ws";
import { agentsFor, type Proxies, proxyFor } from "../../kernel/proxy.ts";
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

/** @returns undefined if the connection string names no host. */
export function hubAddress({ access, transport }: HubEndpoint): HubAddress | undefined {
  const parts = partsOf(
    access.kind === "key" ? access.connectionString : `Endpoint=sb://${access.namespace}`,
  );
  const [, host, port] = /^[a-z]+:\/\/([^/:]+)(?::(\d+))?\/?$/i.exec(parts.get("endpoint") ?? "") ?? [];
  if (host === undefined) return undefined;
  const isTls = parts.get("usedevelopmentemulator")?.toLowerCase() !== "true" || transport === "websockets";
  const amqpPort = isTls ? AMQP_PORT : EMULATOR_PORT;
  return {
    host,
    port: port === undefined ? (transport === "amqp" ? amqpPort : WEB_SOCKET_PORT) : Number(port),
    isTls,
  };
}

/** What the SDK's protocol layer needs for AMQP over WebSockets; `undefined` for plain AMQP. */
export function webSocketOptions(endpoint: HubEndpoint) {
  const address = hubAddress(endpoint);
  if (endpoint.transport === "amqp" || address === undefined) return undefined;
  const url = new URL(`https://${address.host}:${address.port}/`);
  const isDirect = proxyFor(url, endpoint.proxies) === undefined;
  // One tunnel serves one connection, so nothing is gained by keeping sockets.
  const agent = isDirect ? new Agent() : agentsFor(url, endpoint.proxies).httpsAgent;
  return { webSocket: WebSocket, webSocketConstructorOptions: { agent } };
}

export type HubClientOptions = { readonly identifier?: string; readonly retryOptions: RetryOptions };

/** The SDK's client that reads the hub as `consumerGroup`, or asks for its state. */
export function openConsumerClient(
  endpoint: HubEndpoint,
  consumerGroup: string,
  options: HubClientOptions,
): EventHubConsumerClient {
  const { access, hubName } = endpoint;
  const all = clientOptions(endpoint, options);
  return access.kind === "key"
    ? new EventHubConsumerClient(consumerGroup, access.connectionString, hubName, all)
    : new EventHubConsumerClient(consumerGroup, access.namespace, hubName, access.credential, all);
}

/** The SDK's client that could send to the hub. */
export function openProducerClient(endpoint: HubEndpoint, options: HubClientOptions): EventHubProducerClient {
  const { access, hubName } = endpoint;
  const all = clientOptions(endpoint, options);
  return access.kind === "key"
    ? new EventHubProducerClient(access.connectionString, hubName, all)
    : new EventHubProducerClient(access.namespace, hubName, access.credential, all);
}

function clientOptions(endpoint: HubEndpoint, options: HubClientOptions) {
  const overWebSockets = webSocketOptions(endpoint);
  return overWebSockets === undefined ? options : { ...options, webSocketOptions: overWebSockets };
}
