import type { Dict, Value } from "../contract/value.ts";
import { valueAt } from "../values/path.ts";

type Source = { readonly keys: readonly string[]; readonly isHash: boolean };
type Related = { readonly name: string; readonly sources: readonly Source[] };

const ENDPOINTS = ["source", "destination", "client"];
const HASHED = ["file", "process", "process.parent", "dll", "tls.server"];
const HASHES = ["md5", "sha1", "sha256", "sha512", "ssdeep"];

/** The fields that each of `related` is taken from, in their order. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  ip: [
    ...[...ENDPOINTS, "server"].flatMap((end) => [`${end}.ip`, `${end}.nat.ip`]),
    ...["host.ip", "observer.ip", "dns.resolved_ip"],
  ],
  hosts: [
    ...[...ENDPOINTS, "server"].map((end) => `${end}.domain`),
    ...["host.hostname", "observer.hostname", "url.domain", "dns.question.name"],
  ],
  user: [...ENDPOINTS.map((end) => `${end}.user.name`), "user.name", "user.target.name", "file.owner"],
  hash: HASHED.flatMap((owner) => HASHES.map((hash) => `${owner}.hash.${hash}`)),
};

/**
 * Replaces `related` by what the event's other fields hold: addresses, hosts, users and hashes, each once.
 * @param mayHold Whether a draft may hold a path; what none holds is not looked for.
 */
export function createRelate(mayHold: (path: string) => boolean): (draft: Dict) => void {
  const all = Object.entries(SOURCES).flatMap(([name, paths]): Related[] => {
    const sources = paths.filter(mayHold).map((path) => ({ keys: path.split("."), isHash: name === "hash" }));
    return sources.length === 0 ? [] : [{ name, sources }];
  });
  return (draft) => {
    let related: Dict | undefined;
    for (const { name, sources } of all) {
      const values = collect(draft, sources);
      if (values !== undefined) {
        related ??= new Map();
        related.set(name, values);
      }
    }
    if (related === undefined) {
      draft.delete("related");
    } else {
      draft.set("related", related);
    }
  };
}

/** Undefined when there is no source; an empty list of a source is kept as such. Hashes that are lists are not related. */
function collect(draft: Dict, sources: readonly Source[]): Value[] | undefined {
  let values: Value[] | undefined;
  let known: Set<Value> | undefined;
  for (const { keys, isHash } of sources) {
    const value = valueAt(draft, keys);
    if (value === undefined || value === null || (isHash && typeof value !== "string")) {
      continue;
    }
    values ??= [];
    if (!Array.isArray(value)) {
      if (known === undefined ? !values.includes(value) : !known.has(value)) {
        values.push(value);
        known?.add(value);
      }
      continue;
    }
    // Lists may be long, and are rare.
    known ??= new Set(values);
    for (const item of value) {
      if (item !== null && item !== undefined && !known.has(item)) {
        known.add(item);
        values.push(item);
      }
    }
  }
  return values;
}
