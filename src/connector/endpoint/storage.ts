import type { TokenCredential } from "@azure/event-hubs";
import { BlobServiceClient, type ContainerClient, type StoragePipelineOptions } from "@azure/storage-blob";
import { credentialsOf, type Proxies, proxyFor } from "../../kernel/proxy.ts";
import { partsOf } from "./connection-string.ts";

/** Where the checkpoints are kept and by what the account knows us. */
export type StorageEndpoint = {
  readonly access:
    | { readonly kind: "key"; readonly connectionString: string }
    /** `accountUrl`: the address of the account's blob service, in any cloud. */
    | { readonly kind: "entra"; readonly accountUrl: string; readonly credential: TokenCredential };
  readonly containerName: string;
  readonly proxies: Proxies;
};

/**
 * The client of the storage account.
 * @throws Error when the connection string is not valid; its message may quote the string.
 */
export function openServiceClient(
  { access, proxies }: StorageEndpoint,
  retryOptions: NonNullable<StoragePipelineOptions["retryOptions"]>,
): BlobServiceClient {
  const url = accountUrlOf(access);
  const proxy = url === undefined ? undefined : proxyFor(url, proxies);
  const options: StoragePipelineOptions =
    proxy === undefined ? { retryOptions } : { retryOptions, proxyOptions: proxyOptions(proxy) };
  return access.kind === "key"
    ? BlobServiceClient.fromConnectionString(access.connectionString, options)
    : new BlobServiceClient(access.accountUrl, access.credential, options);
}

/** The client of the container, see `openServiceClient`. */
export function openContainerClient(
  endpoint: StorageEndpoint,
  retryOptions: NonNullable<StoragePipelineOptions["retryOptions"]>,
): ContainerClient {
  return openServiceClient(endpoint, retryOptions).getContainerClient(endpoint.containerName);
}

/** The address of the account's blob service; undefined if the connection string names none. */
export function accountUrlOf(access: StorageEndpoint["access"]): URL | undefined {
  if (access.kind === "entra") {
    return URL.parse(access.accountUrl) ?? undefined;
  }
  const parts = partsOf(access.connectionString);
  const given = parts.get("blobendpoint");
  if (given !== undefined) {
    return URL.parse(given) ?? undefined;
  }
  if (parts.get("usedevelopmentstorage") === "true") {
    return new URL("http://127.0.0.1:10000/devstoreaccount1");
  }
  const account = parts.get("accountname");
  const scheme = parts.get("defaultendpointsprotocol") ?? "https";
  const suffix = parts.get("endpointsuffix") ?? "core.windows.net";
  return account === undefined
    ? undefined
    : (URL.parse(`${scheme}://${account}.blob.${suffix}`) ?? undefined);
}

/** A proxy as the SDKs want it. */
export function proxyOptions(proxy: URL) {
  const port = Number(proxy.port || (proxy.protocol === "https:" ? 443 : 80));
  const host = `${proxy.protocol}//${proxy.hostname}`;
  return { host, port, ...credentialsOf(proxy) };
}
