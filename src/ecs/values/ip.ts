/**
 * The canonical text of an IP address: lower case, the longest run of zero groups compressed, an IPv4-mapped address
 * with its dotted end (RFC 5952). A zone (`fe80::1%eth0`) stays.
 * @returns undefined when the text is not an address; networks (`10.0.0.0/8`) and octets with leading zeros do not count.
 */
export function canonicalIp(text: string): string | undefined {
  if (text.includes(":")) {
    const percent = text.indexOf("%");
    if (percent === -1) {
      return canonicalIpv6(text);
    }
    const address = canonicalIpv6(text.slice(0, percent));
    const zone = text.slice(percent + 1);
    return address === undefined || zone === "" || zone.includes("%") ? undefined : `${address}%${zone}`;
  }
  return ipv4Number(text) === undefined ? undefined : text;
}

/** The 32 bits of a dotted address; undefined when it is not one. */
function ipv4Number(text: string): number | undefined {
  let bits = 0;
  let octet = -1;
  let octets = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const code = index === text.length ? 46 : text.charCodeAt(index);
    if (code === 46) {
      if (octet === -1 || (index - start > 1 && text.charCodeAt(start) === 48)) {
        return undefined;
      }
      bits = bits * 256 + octet;
      octets += 1;
      octet = -1;
      start = index + 1;
    } else if (code >= 48 && code <= 57) {
      octet = (octet === -1 ? 0 : octet * 10) + code - 48;
      if (octet > 255) {
        return undefined;
      }
    } else {
      return undefined;
    }
  }
  return octets === 4 ? bits : undefined;
}

function canonicalIpv6(text: string): string | undefined {
  const groups = ipv6Groups(text);
  if (groups === undefined) {
    return undefined;
  }
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  const [start, length] = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The eight 16-bit groups of an IPv6 address. */
function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) {
    return undefined;
  }
  const head = readGroups(halves[0] ?? "", halves.length === 1);
  if (halves.length === 1) {
    return head?.length === 8 ? head : undefined;
  }
  const tail = readGroups(halves[1] ?? "", true);
  if (head === undefined || tail === undefined || head.length + tail.length > 7) {
    return undefined;
  }
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** @param isEnd The address ends here, so that the last group may be a dotted IPv4 address. */
function readGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") {
    return [];
  }
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const bits = isEnd && index === parts.length - 1 ? ipv4Number(part) : undefined;
    if (bits === undefined) {
      return undefined;
    }
    groups.push(Math.floor(bits / 65536), bits % 65536);
  }
  return groups;
}

/** The first of the longest runs of zero groups. */
function longestZeroRun(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] !== 0) {
      if (index - start > best[1]) {
        best = [start, index - start];
      }
      start = index + 1;
    }
  }
  return best;
}
