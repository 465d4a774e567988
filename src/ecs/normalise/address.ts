import type { Dict } from "../contract/value.ts";
import { setDomainParts } from "./domain.ts";
import { dictAt, isMissing, shared } from "./draft-fields.ts";

/**
 * Gives source, destination and client an address: their domain, else their IP address. Only a domain that became the
 * address is taken apart; server and host get none of it.
 */
export function addAddresses(draft: Dict): void {
  for (const name of ["source", "destination", "client"]) {
    const endpoint = dictAt(draft, name);
    if (endpoint === undefined || !isMissing(endpoint, "address")) {
      continue;
    }
    const domain = endpoint.get("domain");
    if (domain === undefined || domain === null) {
      const ip = endpoint.get("ip");
      if (ip !== undefined && ip !== null) {
        endpoint.set("address", shared(ip));
      }
      continue;
    }
    endpoint.set("address", shared(domain));
    if (typeof domain === "string") {
      setDomainParts(endpoint, domain);
    }
  }
}
