/** Small questions about YAML nodes. */
import type { SourceEntry, SourceMap, SourceNode } from "../syntax.ts";

export function entryOf(map: SourceMap, key: string): SourceEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

export function nodeOf(map: SourceMap, key: string): SourceNode | undefined {
  const value = entryOf(map, key)?.value;
  return value?.kind === "scalar" && value.value === null ? undefined : value;
}

export function textOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === "scalar" && node.value !== null ? node.text : undefined;
}

/** A list's scalars as texts; a scalar is a list of one. */
export function textsOf(node: SourceNode | undefined): string[] {
  const items = node?.kind === "list" ? node.items : node === undefined ? [] : [node];
  return items.flatMap((item) => textOf(item) ?? []);
}
