import type { Dict, Value } from "../contract/value.ts";
import { dictAt } from "./draft-fields.ts";

const ENDPOINTS = ["source", "destination", "client"] as const;
const HASHES = ["md5", "sha1", "sha256", "sha512", "ssdeep"] as const;

/** Replaces `related` by what the event's other fields hold: addresses, hosts, users and hashes, each once. */
export function relate(draft: Dict): void {
  const endpoints = ENDPOINTS.map((name) => dictAt(draft, name)).filter((dict) => dict !== undefined);
  const host = dictAt(draft, "host");
  const observer = dictAt(draft, "observer");
  const dns = dictAt(draft, "dns");
  const user = dictAt(draft, "user");
  const file = dictAt(draft, "file");
  const process = dictAt(draft, "process");

  const ip = new Collection();
  const hosts = new Collection();
  const users = new Collection();
  const hashes = new Collection();
  for (const endpoint of endpoints) {
    ip.add(endpoint.get("ip"));
    ip.add(dictAt(endpoint, "nat")?.get("ip"));
    hosts.add(endpoint.get("domain"));
    users.add(dictAt(endpoint, "user")?.get("name"));
  }
  const server = dictAt(draft, "server");
  ip.add(server?.get("ip"));
  ip.add(dictAt(server, "nat")?.get("ip"));
  hosts.add(server?.get("domain"));
  ip.add(host?.get("ip"));
  ip.add(observer?.get("ip"));
  ip.add(dns?.get("resolved_ip"));
  hosts.add(host?.get("hostname"));
  hosts.add(observer?.get("hostname"));
  hosts.add(dictAt(draft, "url")?.get("domain"));
  hosts.add(dictAt(dns, "question")?.get("name"));
  users.add(user?.get("name"));
  users.add(dictAt(user, "target")?.get("name"));
  users.add(file?.get("owner"));
  for (const owner of [
    file,
    process,
    dictAt(process, "parent"),
    dictAt(draft, "dll"),
    dictAt(dictAt(draft, "tls"), "server"),
  ]) {
    hashes.addHashes(dictAt(owner, "hash"));
  }

  const related: Dict = new Map();
  ip.putInto(related, "ip");
  hosts.putInto(related, "hosts");
  users.putInto(related, "user");
  hashes.putInto(related, "hash");
  if (related.size > 0) {
    draft.set("related", related);
  } else {
    draft.delete("related");
  }
}

/** Values in the order of their arrival, each once. */
class Collection {
  #values: Set<Value> | undefined;

  add(value: Value): void {
    if (value === undefined || value === null) {
      return;
    }
    this.#values ??= new Set();
    if (!Array.isArray(value)) {
      this.#values.add(value);
      return;
    }
    for (const item of value) {
      if (item !== null && item !== undefined) {
        this.#values.add(item);
      }
    }
  }

  /** Hashes that are lists are not related. */
  addHashes(hash: Dict | undefined): void {
    if (hash === undefined) {
      return;
    }
    for (const name of HASHES) {
      const value = hash.get(name);
      if (typeof value === "string") {
        this.add(value);
      }
    }
  }

  /** An empty list of a source field is kept as such. */
  putInto(related: Dict, name: string): void {
    if (this.#values !== undefined) {
      related.set(name, [...this.#values]);
    }
  }
}
