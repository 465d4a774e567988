import type { TokenCredential } from "@azure/event-hubs";
import { messageOf } from "../../kernel/errors.ts";
import { type Proxies, proxyFor } from "../../kernel/proxy.ts";
import { NotSignedIn } from "./errors.ts";
import { proxyOptions } from "./storage.ts";

const PUBLIC_AUTHORITY = "https://login.microsoftonline.com";

const MAX_REASON_CHARACTERS = 200;

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
  const chain = new DefaultAzureCredential({
    ...(proxy === undefined ? {} : { proxyOptions: proxyOptions(proxy) }),
    // The check of the authority asks the public cloud, which a sovereign or private one need not reach.
    ...(authorityHost === undefined ? {} : { authorityHost, disableInstanceDiscovery: true }),
  });
  return {
    async getToken(scopes, options) {
      try {
        return await chain.getToken(scopes, options);
      } catch (thrown) {
        // Only a line of its message: the error itself may hold the request, and with it the secret.
        throw new NotSignedIn(reasonOf(messageOf(thrown)));
      }
    },
  };
}

/** The chain tells at length whom it asked. Entra ID's own words begin with a number that its documentation explains. */
function reasonOf(message: string): string {
  const [line = ""] = /AADSTS\d+.*/.exec(message) ?? /.*/.exec(message) ?? [];
  return line.slice(0, MAX_REASON_CHARACTERS);
}
