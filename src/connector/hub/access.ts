import type { Duplex } from "node:stream";
import { ConnectionConfig, createSasTokenProvider, parseConnectionString } from "@azure/core-amqp";
import { EventHubConsumerClient } from "@azure/event-hubs";

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

/** Access by a connection string with a key or a signature, also that of the official emulator (plain TCP). */
export function accessByConnectionString(connectionString: string, hubName: string): HubAccess {
  const config = ConnectionConfig.create(connectionString, hubName);
  const { SharedAccessSignature: signature } = parseConnectionString<{ SharedAccessSignature?: string }>(
    connectionString,
  );
  const tokens = createSasTokenProvider(
    signature === undefined
      ? { sharedAccessKeyName: config.sharedAccessKeyName, sharedAccessKey: config.sharedAccessKey }
      : { sharedAccessSignature: signature },
  );
  const isTls = config.useDevelopmentEmulator !== true;
  return {
    host: config.host,
    port: config.port ?? (isTls ? 5671 : 5672),
    isTls,
    hubName: config.entityPath ?? hubName,
    endpoint: config.endpoint,
    async token(audience) {
      const { token } = await tokens.getToken(audience);
      return { token, type: "servicebus.windows.net:sastoken", renewAfterMs: SAS_RENEW_AFTER_MS };
    },
    openClient: (consumerGroup) => new EventHubConsumerClient(consumerGroup, connectionString, hubName),
  };
}
