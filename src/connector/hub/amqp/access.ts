import type { Duplex } from "node:stream";
import { ConnectionConfig, createSasTokenProvider, parseConnectionString } from "@azure/core-amqp";
import type { EventHubConsumerClient, TokenCredential } from "@azure/event-hubs";
import {
  type HubEndpoint,
  hubAddress,
  namespaceOf,
  openConsumerClient,
  openWebSocketStream,
} from "../../endpoint/hub.ts";
import { HubRefused } from "../errors.ts";

export type HubToken = {
  readonly token: string;
  /** How the hub's claims service names this kind of token. */
  readonly type: "servicebus.windows.net:sastoken" | "jwt";
  readonly renewAfterMs: number;
};

/** Where the hub is, how it is reached and by what it knows us. */
export type HubAccess = {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly hubName: string;
  /** As checkpoints and ownership are filed under it. */
  readonly namespace: string;
  /** The address that claims are made for, `sb://host…/`, as the service's own clients write it. */
  readonly endpoint: string;
  /** @throws when nobody hands out a token. */
  token(audience: string): Promise<HubToken>;
  /** A connected stream of bytes in place of a TCP or TLS socket: AMQP over WebSockets. */
  readonly openStream?: () => Promise<Duplex>;
  /** The SDK's client, for questions about the hub and its partitions. */
  openClient(consumerGroup: string): EventHubConsumerClient;
};

/** The SDK renews tokens of one hour after this time. */
const SAS_RENEW_AFTER_MS = 45 * 60 * 1000;
const ENTRA_SCOPE = "https://eventhubs.azure.net//.default";
/** A token of Entra ID is renewed this long before its end, and no sooner than after a minute. */
const ENTRA_RENEW_BEFORE_MS = 5 * 60 * 1000;
const ENTRA_RENEW_LEAST_MS = 60_000;
/** Whoever asks repeats the question; the SDK's own attempts last minutes, and hide the cause for so long. */
const QUESTION_RETRIES = { maxRetries: 0, timeoutInMs: 10_000 };

/**
 * @param nowMs Tells how long a token of Entra ID still lasts.
 * @throws HubRefused when the endpoint names no host.
 */
export function accessTo(endpoint: HubEndpoint, nowMs: () => number): HubAccess {
  const address = hubAddress(endpoint);
  if (address === undefined) {
    throw new HubRefused("hub_connection_string names no host; copy it again from the hub's policy");
  }
  return {
    ...address,
    namespace: namespaceOf(endpoint),
    ...(endpoint.access.kind === "key"
      ? byKey(endpoint.access.connectionString, endpoint.hubName)
      : byCredential(endpoint.access.namespace, endpoint.access.credential, endpoint.hubName, nowMs)),
    ...(endpoint.transport === "websockets" ? { openStream: () => openWebSocketStream(endpoint) } : {}),
    openClient: (consumerGroup) =>
      openConsumerClient(endpoint, consumerGroup, { retryOptions: QUESTION_RETRIES }),
  };
}

/** Of a partition's link, and of the claim for it. */
export function partitionAddress({ hubName }: HubAccess, consumerGroup: string, partitionId: string): string {
  return `${hubName}/ConsumerGroups/${consumerGroup}/Partitions/${partitionId}`;
}

type Identity = Pick<HubAccess, "hubName" | "endpoint" | "token">;

/** A key or a signature. */
function byKey(connectionString: string, hubName: string): Identity {
  const config = ConnectionConfig.create(connectionString, hubName);
  const { SharedAccessSignature: signature } = parseConnectionString<{ SharedAccessSignature?: string }>(
    connectionString,
  );
  const tokens = createSasTokenProvider(
    signature === undefined
      ? { sharedAccessKeyName: config.sharedAccessKeyName, sharedAccessKey: config.sharedAccessKey }
      : { sharedAccessSignature: signature },
  );
  return {
    hubName: config.entityPath ?? hubName,
    endpoint: config.endpoint,
    async token(audience) {
      const { token } = await tokens.getToken(audience);
      return { token, type: "servicebus.windows.net:sastoken", renewAfterMs: SAS_RENEW_AFTER_MS };
    },
  };
}

/** An identity of Entra ID. */
function byCredential(
  namespace: string,
  credential: TokenCredential,
  hubName: string,
  nowMs: () => number,
): Identity {
  return {
    hubName,
    endpoint: `sb://${namespace}/`,
    async token() {
      const given = await credential.getToken(ENTRA_SCOPE);
      if (given === null) {
        throw new HubRefused("Entra ID gave no token; check the identity of this process");
      }
      const lastsMs = given.expiresOnTimestamp - nowMs() - ENTRA_RENEW_BEFORE_MS;
      return { token: given.token, type: "jwt", renewAfterMs: Math.max(ENTRA_RENEW_LEAST_MS, lastsMs) };
    },
  };
}
