import { createRequire } from "node:module";
import type { PartitionOwnership } from "@azure/event-hubs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OwnershipRecord } from "../../../../src/connector/contract.ts";
import { isActive, partitionsToClaim } from "../../../../src/connector/hub/ownership/assignment.ts";
import { Random } from "../../../chaos/random.ts";

const EXPIRY_MS = 60_000;
const NOW_MS = Date.now();

/** The SDK's own rule, to share partitions with: the greedy strategy's list of what to claim. */
const { listAvailablePartitions } = createRequire(
  createRequire(import.meta.url).resolve("@azure/event-hubs"),
)("./loadBalancerStrategies/loadBalancingStrategy.js") as {
  listAvailablePartitions(
    ownerId: string,
    ownerships: Map<string, PartitionOwnership>,
    partitionIds: string[],
    expiryMs: number,
  ): string[];
};

const idsOf = (count: number) => Array.from({ length: count }, (_, index) => String(index));

/** As we read it, and as the SDK does. */
type BothRecords = OwnershipRecord & Omit<PartitionOwnership, "etag">;

function recordOf(partitionId: string, ownerId: string, ageMs = 0): BothRecords {
  return {
    fullyQualifiedNamespace: "n",
    eventHubName: "h",
    consumerGroup: "g",
    partitionId,
    ownerId,
    lastModifiedTimeInMs: NOW_MS - ageMs,
    modifiedAtMs: NOW_MS - ageMs,
    etag: "e",
  };
}

/** Who owns what, renewed by all of them all the time; those that left are not. */
class Group {
  readonly partitionIds: string[];
  readonly records = new Map<string, BothRecords>();
  moved = 0;

  constructor(partitionCount: number) {
    this.partitionIds = idsOf(partitionCount);
  }

  claimsOf(ownerId: string, random: () => number): string[] {
    const { partitionIds } = this;
    return partitionsToClaim(
      { partitionIds, records: [...this.records.values()], ownerId, nowMs: NOW_MS, expiryMs: EXPIRY_MS },
      random,
    );
  }

  sdkClaimsOf(ownerId: string): string[] {
    return listAvailablePartitions(
      ownerId,
      new Map<string, PartitionOwnership>(
        [...this.records].map(([id, { etag, ...record }]) => [id, { ...record, etag: etag ?? "" }]),
      ),
      this.partitionIds,
      EXPIRY_MS,
    );
  }

  take(ownerId: string, partitionIds: readonly string[]): void {
    for (const partitionId of partitionIds) {
      const before = this.records.get(partitionId);
      if (before !== undefined && isActive(before, NOW_MS, EXPIRY_MS)) {
        this.moved++;
      }
      this.records.set(partitionId, recordOf(partitionId, ownerId));
    }
  }

  counts(ownerIds: readonly string[]): number[] {
    return ownerIds.map(
      (ownerId) =>
        [...this.records.values()].filter(
          (record) => record.ownerId === ownerId && isActive(record, NOW_MS, EXPIRY_MS),
        ).length,
    );
  }
}

const starts = fc.record({
  partitionCount: fc.integer({ min: 1, max: 40 }),
  ownerCount: fc.integer({ min: 1, max: 6 }),
  seed: fc.nat(),
});

/**
 * A group in any state: partitions that are free, given back, expired, or owned unevenly. No age is just below the
 * expiry, since the SDK's rule asks the real clock.
 */
function anyGroup({
  partitionCount,
  ownerCount,
  seed,
}: {
  partitionCount: number;
  ownerCount: number;
  seed: number;
}) {
  const random = new Random(seed);
  const group = new Group(partitionCount);
  const ownerIds = Array.from({ length: ownerCount }, (_, index) => `owner ${index}`);
  for (const partitionId of group.partitionIds) {
    const kind = random.next();
    if (kind < 0.25) {
      continue;
    }
    const ownerId = kind < 0.35 ? "" : kind < 0.5 ? "gone" : random.pick(ownerIds);
    const ageMs = ownerId === "gone" || random.next() < 0.1 ? EXPIRY_MS : random.between(0, EXPIRY_MS / 2);
    group.records.set(partitionId, recordOf(partitionId, ownerId, ageMs));
  }
  return { random, group, ownerIds };
}

test("in any order of turns, every partition is claimed, shares differ by one at most, and then nothing moves", () => {
  fc.assert(
    fc.property(starts, (start) => {
      const { random, group, ownerIds } = anyGroup(start);
      for (let round = 0; round < 6; round++) {
        for (const ownerId of random.shuffled(ownerIds)) {
          group.take(
            ownerId,
            group.claimsOf(ownerId, () => random.next()),
          );
        }
      }
      const counts = group.counts(ownerIds);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(start.partitionCount);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      for (const ownerId of ownerIds) {
        expect(group.claimsOf(ownerId, () => random.next())).toEqual([]);
        expect(group.sdkClaimsOf(ownerId)).toEqual([]);
      }
      // No thrash: a partition moves once or so to where it stays.
      expect(group.moved).toBeLessThanOrEqual(2 * start.partitionCount);
    }),
    { numRuns: 1000 },
  );
});

test("with clients of the SDK in the group it ends the same way", () => {
  fc.assert(
    fc.property(starts, (start) => {
      const { random, group, ownerIds } = anyGroup(start);
      const isSdk = ownerIds.map(() => random.next() < 0.5);
      for (let round = 0; round < 8; round++) {
        for (const index of random.shuffled(ownerIds.map((_, each) => each))) {
          const ownerId = ownerIds[index] as string;
          const claims = isSdk[index]
            ? group.sdkClaimsOf(ownerId)
            : group.claimsOf(ownerId, () => random.next());
          group.take(ownerId, claims);
        }
      }
      const counts = group.counts(ownerIds);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(start.partitionCount);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(group.moved).toBeLessThanOrEqual(2 * start.partitionCount);
    }),
    { numRuns: 1000 },
  );
});

test("those who look at the same moment, before any has claimed, still end evenly", () => {
  fc.assert(
    fc.property(starts, (start) => {
      const { random, group, ownerIds } = anyGroup(start);
      for (let round = 0; round < 20; round++) {
        const looks = ownerIds.map((ownerId) => ({
          ownerId,
          claims: group.claimsOf(ownerId, () => random.next()),
        }));
        // A record that changed since the look refuses the claim.
        const changed = new Set<string>();
        for (const { ownerId, claims } of random.shuffled(looks)) {
          const won = claims.filter((partitionId) => !changed.has(partitionId));
          for (const partitionId of won) {
            changed.add(partitionId);
          }
          group.take(ownerId, won);
        }
      }
      const counts = group.counts(ownerIds);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(start.partitionCount);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1000 },
  );
});

test("what the SDK would claim and what we claim is the same number, while nobody has more than one too many", () => {
  fc.assert(
    fc.property(starts, (start) => {
      const { random, group, ownerIds } = anyGroup(start);
      const active = [...group.records.values()].filter((record) => isActive(record, NOW_MS, EXPIRY_MS));
      const [ownerId] = ownerIds as [string];
      const owners = new Set([ownerId, ...active.map((record) => record.ownerId)]);
      const least = Math.floor(start.partitionCount / owners.size);
      const most = Math.max(0, ...group.counts([...owners]));
      fc.pre(active.length > 0 && most <= least + 1);
      expect(group.claimsOf(ownerId, () => random.next())).toHaveLength(group.sdkClaimsOf(ownerId).length);
    }),
  );
});

test.each([
  { name: "a lone consumer takes everything at its first look", owned: {}, claims: 8 },
  { name: "one that joins takes half at once", owned: { other: 8 }, claims: 4 },
  { name: "a third takes its part of both", owned: { other: 4, third: 4 }, claims: 2 },
  { name: "one that has its part takes nothing", owned: { me: 4, other: 4 }, claims: 0 },
  { name: "one that has one more than the other takes nothing", owned: { me: 5, other: 3 }, claims: 0 },
  { name: "the part of one that expired is free", owned: { me: 4, expired: 4 }, claims: 4 },
  { name: "what was given back is free", owned: { me: 4, "": 4 }, claims: 4 },
])("of 8 partitions, $name", ({ owned, claims }) => {
  const group = new Group(8);
  const free = [...group.partitionIds];
  for (const [ownerId, count] of Object.entries(owned)) {
    const ageMs = ownerId === "expired" ? EXPIRY_MS : 0;
    for (const partitionId of free.splice(0, count)) {
      group.records.set(partitionId, recordOf(partitionId, ownerId, ageMs));
    }
  }
  const wanted = group.claimsOf("me", () => 0.5);
  expect(wanted).toHaveLength(claims);
  expect(new Set(wanted).size).toBe(claims);
});

test("records of partitions that the hub does not have count for nothing", () => {
  const group = new Group(2);
  for (const partitionId of ["7", "8", "9"]) {
    group.records.set(partitionId, recordOf(partitionId, "other"));
  }
  expect(group.claimsOf("me", () => 0)).toHaveLength(2);
});

test.each([
  { name: "just renewed", ownerId: "a", ageMs: 0, active: true },
  { name: "renewed a moment before the expiry", ownerId: "a", ageMs: EXPIRY_MS - 1, active: true },
  { name: "not renewed for the expiry", ownerId: "a", ageMs: EXPIRY_MS, active: false },
  { name: "renewed in our clock's future", ownerId: "a", ageMs: -5000, active: true },
  { name: "given back", ownerId: "", ageMs: 0, active: false },
])("isActive: $name: $active", ({ ownerId, ageMs, active }) => {
  expect(isActive(recordOf("0", ownerId, ageMs), NOW_MS, EXPIRY_MS)).toBe(active);
});
