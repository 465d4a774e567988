import type { TokenCredential } from "@azure/event-hubs";
import { type Proxies, proxyFor } from "../../kernel/proxy.ts";
import { proxyOptions } from "./storage.ts";

const PUBLIC_AUTHORITY = "https://login.microsoftonline.com";

/**
 * Entra ID's default chain: a client secret from the environment, a workload identity, a managed identity.
 * @param authorityHost Where tokens come from; the public cloud's unless given.
 */
export async function openCredential(
  authorityHost: string | undefined,
  proxies: Proxies,
): Promise<TokenCredential> {
  // Loaded by those alone who use it: the library is larger than the rest of us.
  const { DefaultAzureCredential } = await import("@azure/identity");
  const proxy = proxyFor(new URL(authorityHost ?? PUBLIC_AUTHORITY), proxies);
  return new DefaultAzureCredential({
    ...(proxy === undefined ? {} : { proxyOptions: proxyOptions(proxy) }),
    // The check of the authority asks the public cloud, which a sovereign or private one need not reach.
    ...(authorityHost === undefined ? {} : { authorityHost, disableInstanceDiscovery: true }),
  });
}
