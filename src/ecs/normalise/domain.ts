import { parse } from "tldts";
import type { Dict } from "../contract/value.ts";
import { canonicalIp } from "../values/ip.ts";
import { setIfMissing } from "./draft-fields.ts";

// Names that owners of domains hand out below theirs (github.io) are not suffixes for the platform.
const ICANN_ONLY = {
  allowPrivateDomains: false,
  detectIp: false,
  extractHostname: false,
  validateHostname: false,
} as const;

/** Adds `registered_domain`, `subdomain` and `top_level_domain` of a host where they are missing, in its own case. */
export function setDomainParts(target: Dict, host: string): void {
  const name = bareHost(host);
  if (name === "" || canonicalIp(name) !== undefined) {
    return;
  }
  const { publicSuffix, isIcann } = parse(name.toLowerCase(), ICANN_ONLY);
  const suffix = isIcann === true && publicSuffix !== null ? publicSuffix : "";
  // The lower-case name may be longer than the name itself (İ), so labels are counted, not characters.
  const labels = name.split(".");
  const suffixLabels = suffix === "" ? 0 : suffix.split(".").length;
  const registered = labels.slice(Math.max(0, labels.length - suffixLabels - 1));
  const subdomain = labels.slice(0, labels.length - registered.length).join(".");
  if (suffixLabels > 0) {
    setIfMissing(target, "top_level_domain", labels.slice(labels.length - suffixLabels).join("."));
    if (registered.length > suffixLabels) {
      setIfMissing(target, "registered_domain", registered.join("."));
    }
  }
  if (subdomain !== "") {
    setIfMissing(target, "subdomain", subdomain);
  }
}

/** The host alone of what parsers put into domain fields: without scheme, credentials, port, path and final dot. */
function bareHost(text: string): string {
  const start = text.indexOf("://");
  const authority = (start === -1 ? text : text.slice(start + 3)).split(/[/?#]/, 1)[0] ?? "";
  const host = authority.slice(authority.lastIndexOf("@") + 1).trim();
  if (host.startsWith("[")) {
    return host.slice(1, host.indexOf("]"));
  }
  const colon = host.indexOf(":");
  const name = colon === -1 || colon !== host.lastIndexOf(":") ? host : host.slice(0, colon);
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
