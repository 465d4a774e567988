import type { OwnershipRecord } from "../../contract.ts";

export type OwnershipView = {
  readonly partitionIds: readonly string[];
  readonly records: readonly OwnershipRecord[];
  readonly ownerId: string;
  /** By the store's clock, as the records' times are. */
  readonly nowMs: number;
  /** An ownership that was not renewed for this time is nobody's. */
  readonly expiryMs: number;
};

/** Whether somebody owns the partition and has renewed that in time. An empty owner has given it back. */
export function isActive(
  { ownerId, modifiedAtMs }: OwnershipRecord,
  nowMs: number,
  expiryMs: number,
): boolean {
  return ownerId !== "" && nowMs - modifiedAtMs < expiryMs;
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
  for (const record of view.records) {
    if (!isActive(record, nowMs, expiryMs) || !partitionIds.includes(record.partitionId)) {
      continue;
    }
    taken.add(record.partitionId);
    const partitions = owned.get(record.ownerId) ?? [];
    partitions.push(record.partitionId);
    owned.set(record.ownerId, partitions);
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
    if (source === undefined) {
      return claims;
    }
    const [partitionId] = source.splice(Math.floor(random() * source.length), 1);
    claims.push(partitionId as string);
    mine++;
  }
}
