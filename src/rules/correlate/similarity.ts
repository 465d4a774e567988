/** What an event is about, so that alerts of one rule about the same thing become one. */
import type { SimilarityEntity } from "../contract.ts";
import type { ReadField } from "./correlations.ts";

/** The user, else the host, else the two addresses whichever way round, else nothing. */
export function entityOf(read: ReadField): SimilarityEntity {
  const user = read("user.name");
  if (user !== undefined && user !== "") {
    return { kind: "user", value: user };
  }
  const host = read("host.name");
  if (host !== undefined && host !== "") {
    return { kind: "host", value: host };
  }
  const addresses = [read("source.ip"), read("destination.ip")].filter((ip) => ip !== undefined && ip !== "");
  return addresses.length === 0
    ? { kind: "none", value: "" }
    : { kind: "address", value: [...new Set(addresses)].sort().join(" ") };
}
