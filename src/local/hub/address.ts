/** What a link's address names. */
export type Address =
  | { readonly kind: "cbs" }
  | { readonly kind: "management" }
  | { readonly kind: "hub"; readonly hub: string; readonly partitionId: string | undefined }
  | {
      readonly kind: "reader";
      readonly hub: string;
      readonly group: string;
      readonly partitionId: string;
    };

/**
 * Reads an address of a link, with or without the scheme and host that the Python client puts before it.
 * @returns undefined if it has none of the known forms.
 */
export function parseAddress(address: string): Address | undefined {
  const path = address.replace(/^[a-z]+:\/\/[^/]*\/?/i, "").replace(/^\/+|\/+$/g, "");
  const [first = "", ...rest] = path.split("/");
  const hub = first;
  const words = rest.map((word) => word.toLowerCase());
  if (hub === "") {
    return undefined;
  }
  if (rest.length === 0) {
    switch (hub.toLowerCase()) {
      case "$cbs":
        return { kind: "cbs" };
      case "$management":
        return { kind: "management" };
      default:
        return { kind: "hub", hub, partitionId: undefined };
    }
  }
  if (rest.length === 1 && words[0] === "$management") {
    return { kind: "management" };
  }
  if (rest.length === 2 && words[0] === "partitions") {
    return { kind: "hub", hub, partitionId: rest[1] ?? "" };
  }
  if (rest.length === 4 && words[0] === "consumergroups" && words[2] === "partitions") {
    return { kind: "reader", hub, group: rest[1] ?? "", partitionId: rest[3] ?? "" };
  }
  return undefined;
}

/** The path that a grant must cover. Lower-cased. */
export function pathOf(address: Address): string {
  switch (address.kind) {
    case "cbs":
      return "$cbs";
    case "management":
      return "$management";
    case "hub":
      return (
        address.partitionId === undefined ? address.hub : `${address.hub}/partitions/${address.partitionId}`
      ).toLowerCase();
    case "reader":
      return `${address.hub}/consumergroups/${address.group}/partitions/${address.partitionId}`.toLowerCase();
  }
}
