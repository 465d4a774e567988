import { openCredential } from "../connector/endpoint/credential.ts";
import type { HubEndpoint } from "../connector/endpoint/hub.ts";
import type { StorageEndpoint } from "../connector/endpoint/storage.ts";
import type { TriggerContext } from "./run-trigger.ts";

export type Endpoints = { readonly hub: HubEndpoint; readonly storage: StorageEndpoint };

/** What is needed of the module's context to find the servers. */
export type EndpointContext = Pick<TriggerContext, "arguments" | "proxies" | "authorityHost">;

/** Where the settings say that hub and storage are, and by what they know us. */
export async function openEndpoints({
  arguments: settings,
  proxies,
  authorityHost,
}: EndpointContext): Promise<Endpoints> {
  const credential = () => openCredential(authorityHost, proxies);
  const { hub_connection_string: hubString, storage_connection_string: storageString } = settings;
  return {
    hub: {
      access:
        hubString === undefined
          ? { kind: "entra", namespace: settings.hub_namespace ?? "", credential: await credential() }
          : { kind: "key", connectionString: hubString },
      hubName: settings.hub_name,
      transport: settings.transport,
      proxies,
    },
    storage: {
      access:
        storageString === undefined
          ? { kind: "entra", accountUrl: settings.storage_account_url ?? "", credential: await credential() }
          : { kind: "key", connectionString: storageString },
      containerName: settings.storage_container_name,
      proxies,
    },
  };
}
