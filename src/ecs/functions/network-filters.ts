/** Filters that recognise addresses. */
import type { FilterDefinition } from "../contract/function.ts";
import type { Value } from "../contract/value.ts";
import { canonicalIp } from "../values/ip.ts";
import { defineFilter } from "./define.ts";

function isAddress(value: Value): value is string {
  return typeof value === "string" && canonicalIp(value) !== undefined;
}

const isIpAddress = defineFilter({
  name: "is_ipaddress",
  summary:
    "Whether the value is the text of an IPv4 or IPv6 address; networks and ports do not belong to one.",
  examples: [
    { title: "version 4", expression: "'10.0.0.1' | is_ipaddress", result: true },
    { title: "version 6", expression: "'2001:db8::1' | is_ipaddress", result: true },
    { title: "a network", expression: "'10.0.0.0/8' | is_ipaddress", result: false },
    { title: "a name that is not defined", expression: "nothing | is_ipaddress", result: false },
  ],
  run: isAddress,
});

const isIpv4 = defineFilter({
  name: "is_ipv4",
  summary: "Whether the value is the text of an IPv4 address.",
  examples: [
    { title: "version 4", expression: "'10.0.0.1' | is_ipv4", result: true },
    { title: "version 6", expression: "'::1' | is_ipv4", result: false },
  ],
  run: (value) => isAddress(value) && !value.includes(":"),
});

const isIpv6 = defineFilter({
  name: "is_ipv6",
  summary: "Whether the value is the text of an IPv6 address.",
  examples: [
    { title: "version 6", expression: "'::1' | is_ipv6", result: true },
    { title: "version 4", expression: "'10.0.0.1' | is_ipv6", result: false },
  ],
  run: (value) => isAddress(value) && value.includes(":"),
});

const URL_TEXT = /^(?:[a-z][a-z\d+.-]*:\/\/[^\s/?#]|mailto:)\S*$/i;

const isUrl = defineFilter({
  name: "is_url",
  summary: "Whether the value is the text of an absolute URL with a host, or of a mailto: address.",
  examples: [
    { title: "a URL", expression: "'https://example.org/a?b' | is_url", result: true },
    { title: "a path", expression: "'/a?b' | is_url", result: false },
  ],
  run: (value) => typeof value === "string" && URL_TEXT.test(value),
});

const toMacAddress = defineFilter({
  name: "to_mac_address",
  summary: "A MAC address in capitals with colons, however it was written; undefined for anything else.",
  examples: [
    { title: "with dots", expression: "'0a1b.2c3d.4e5f' | to_mac_address", result: "0A:1B:2C:3D:4E:5F" },
    { title: "too short", expression: "'0a1b' | to_mac_address" },
  ],
  run: (value) => {
    const digits = typeof value === "string" ? value.replace(/[^\da-f]/gi, "") : "";
    return digits.length === 12 ? digits.toUpperCase().replace(/..(?=.)/g, "$&:") : undefined;
  },
});

export const NETWORK_FILTERS: readonly FilterDefinition[] = [
  isIpAddress,
  isIpv4,
  isIpv6,
  isUrl,
  toMacAddress,
];
