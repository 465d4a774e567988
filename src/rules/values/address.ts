/** IP addresses and networks. Both families are numbers of 128 bits; IPv4 lies in ::ffff:0:0/96, as IPv6 has it. */

export type Network = { readonly first: bigint; readonly last: bigint };

const IPV4_PREFIX = 0xffffn << 32n;
const MAX_ADDRESS_CHARS = 64;

/** @returns undefined for what is not an address. */
export function parseAddress(text: string): bigint | undefined {
  if (text.length > MAX_ADDRESS_CHARS) {
    return undefined;
  }
  if (!text.includes(":")) {
    const number = parseIpv4(text);
    return number === undefined ? undefined : IPV4_PREFIX | BigInt(number);
  }
  return parseIpv6(text.replace(/%.*$/, ""));
}

/** @returns undefined for what is not a network; an address alone is a network of one. */
export function parseNetwork(text: string): Network | undefined {
  const [address = "", bitsText, more] = text.split("/");
  const number = parseAddress(address);
  if (number === undefined || more !== undefined) {
    return undefined;
  }
  const width = address.includes(":") ? 128 : 32;
  if (bitsText !== undefined && !/^\d{1,3}$/.test(bitsText)) {
    return undefined;
  }
  const bits = bitsText === undefined ? width : Number(bitsText);
  if (bits > width) {
    return undefined;
  }
  const hostMask = (1n << BigInt(width - bits)) - 1n;
  const first = number & ~hostMask;
  return { first, last: first | hostMask };
}

export function isInNetwork(text: string, { first, last }: Network): boolean {
  const address = parseAddress(text);
  return address !== undefined && address >= first && address <= last;
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) {
    return undefined;
  }
  let number = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) {
      return undefined;
    }
    number = number * 256 + Number(part);
  }
  return number;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) {
    return undefined;
  }
  const [head = "", tail] = halves;
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) {
    return undefined;
  }
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): number[] | undefined {
  if (text === "") {
    return [];
  }
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const ipv4 = index === parts.length - 1 && part.includes(".") ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) {
      groups.push(Math.floor(ipv4 / 65536), ipv4 % 65536);
    } else if (/^[\da-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}
