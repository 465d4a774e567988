import type { PartitionOwnership } from "@azure/event-hubs";

export type OwnershipView = {
  readonly partitionIds: readonly string[];
  readonly ownerships: readonly PartitionOwnership[];
  readonly ownerId: string;
  readonly nowMs: number;
  /** An ownership that was not renewed for this time is nobody's. */
  readonly expiryMs: number;
};

/** Whether somebody owns the partition and has renewed that in time. An empty owner has given it back. */
export function isActive(
  { ownerId, lastModifiedTimeInMs }: PartitionOwnership,
  nowMs: number,
  expiryMs: number,
): boolean {
  return ownerId !== "" && nowMs - (lastModifiedTimeInMs ?? 0) < expiryMs;
}

/**
 * The partitions to claim so that every active owner gets its fair share: free ones first, and if these do not
 * suffice, some of those who have too many. All at once, so that a lone consumer reads everything at its first look,
 * and one that joins has its share at its second. The rules are those of the service's own clients, since they share
 * the partitions with us.
 * @param random A number in [0, 1), so that two who start together mostly choose different ones.
 */
export function partitionsToClaim(view: OwnershipView, random: () => number): string[] {
  const { partitionIds, ownerId, nowMs, expiryMs } = view;
  const owned = new Map<string, string[]>([[ownerId, []]]);
  const taken = new Set<string>();
  for (const ownership of view.ownerships) {
    if (!isActive(ownership, nowMs, expiryMs) || !partitionIds.includes(ownership.partitionId)) continue;
    taken.add(ownership.partitionId);
    const partitions = owned.get(ownership.ownerId) ?? [];
    partitions.push(ownership.partitionId);
    owned.set(ownership.ownerId, partitions);
  }
  const free = partitionIds.filter((partitionId) => !taken.has(partitionId));
  const least = Math.floor(partitionIds.length / owned.size);
  const mayHaveOneMore = partitionIds.length % owned.size;
  const others = [...owned].filter(([id]) => id !== ownerId).map(([, partitions]) => partitions);
  let mine = owned.get(ownerId)?.length ?? 0;
  const claims: string[] = [];
  for (;;) {
    const withOneMore = others.filter((partitions) => partitions.length > least).length;
    const wantsFree = mine < least || (mine === least && withOneMore < mayHaveOneMore);
    const richest = others.reduce<string[]>((most, each) => (each.length > most.length ? each : most), []);
    const wantsOthers = mine < least ? richest.length > least : mine === least && richest.length > least + 1;
    const source =
      free.length > 0 && wantsFree ? free : free.length === 0 && wantsOthers ? richest : undefined;
    if (source === undefined) return claims;
    const [partitionId] = source.splice(Math.floor(random() * source.length), 1);
    claims.push(partitionId as string);
    mine++;
  }
}
