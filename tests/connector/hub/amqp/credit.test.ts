import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReceiveBudget } from "../../../../src/connector/contract.ts";
import { CreditPolicy, type CreditUser } from "../../../../src/connector/hub/amqp/credit.ts";

/** A partition whose events all have one size, which is known. */
class User implements CreditUser {
  outstandingEvents = 0;
  pendingEvents = 0;
  hasReceived = true;
  readonly meanEventBytes: number;

  constructor(meanEventBytes: number) {
    this.meanEventBytes = meanEventBytes;
  }

  get events(): number {
    return this.outstandingEvents + this.pendingEvents;
  }

  get bytes(): number {
    return this.events * this.meanEventBytes;
  }
}

class World implements ReceiveBudget {
  readonly maxBytes: number;
  readonly users: readonly User[];
  readonly policy: CreditPolicy;
  /** Pending bytes of partitions that are read no longer. */
  otherBytes = 0;

  constructor(maxBytes: number, maxEvents: number, sizes: readonly number[]) {
    this.maxBytes = maxBytes;
    this.policy = new CreditPolicy(this, maxEvents);
    this.users = sizes.map((size) => new User(size));
    for (const user of this.users) {
      this.policy.add(user);
    }
  }

  get pendingBytes(): number {
    return this.users.reduce((sum, user) => sum + user.pendingEvents * user.meanEventBytes, this.otherBytes);
  }

  get isFull(): boolean {
    return this.pendingBytes >= this.maxBytes;
  }

  get mustPause(): boolean {
    return this.isFull;
  }

  get reservedBytes(): number {
    return this.users.reduce((sum, user) => sum + user.bytes, this.otherBytes);
  }

  onRoom() {
    return () => {};
  }

  grant(user: User): number {
    const granted = this.policy.grant(user);
    user.outstandingEvents += granted;
    return granted;
  }
}

const worlds = fc
  .record({
    maxBytes: fc.integer({ min: 100_000, max: 50_000_000 }),
    maxEvents: fc.integer({ min: 4, max: 4000 }),
    sizes: fc.array(fc.oneof(fc.integer({ min: 50, max: 5000 }), fc.integer({ min: 50, max: 1_000_000 })), {
      minLength: 1,
      maxLength: 32,
    }),
  })
  .map(({ maxBytes, maxEvents, sizes }) => ({ world: new World(maxBytes, maxEvents, sizes), maxEvents }));

/** Each step means one partition: it asks, some of what it asked for comes, or some of what came is settled. */
const steps = fc.array(
  fc.record({
    user: fc.nat(),
    kind: fc.constantFrom("ask", "come", "settle"),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  {
    maxLength: 300,
  },
);

test("events stay under their bound and bytes under the budget, but for one event a partition that has none", () => {
  fc.assert(
    fc.property(worlds, steps, ({ world, maxEvents }, all) => {
      const largest = world.users.reduce((sum, user) => sum + user.meanEventBytes, 0);
      for (const step of all) {
        const user = world.users[step.user % world.users.length] as User;
        if (step.kind === "ask") {
          world.grant(user);
        }
        if (step.kind === "come") {
          const count = Math.ceil(user.outstandingEvents * step.part);
          user.outstandingEvents -= count;
          user.pendingEvents += count;
        }
        if (step.kind === "settle") {
          user.pendingEvents -= Math.ceil(user.pendingEvents * step.part);
        }
        expect(user.events).toBeLessThanOrEqual(maxEvents);
        expect(world.reservedBytes).toBeLessThanOrEqual(world.maxBytes + largest);
      }
    }),
    { numRuns: 500 },
  );
});

test("nobody starves: whatever the others hold, a partition that has nothing gets its even part of half the bytes", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), ({ world, maxEvents }, chosen) => {
      const late = world.users[chosen % world.users.length] as User;
      const others = world.users.filter((user) => user !== late);
      for (let round = 0; round < 20; round++) {
        for (const user of others) {
          world.grant(user);
          user.pendingEvents += user.outstandingEvents;
          user.outstandingEvents = 0;
        }
      }
      if (world.isFull) {
        return;
      }
      const share = Math.floor(world.maxBytes / 2 / world.users.length / late.meanEventBytes);
      expect(world.grant(late)).toBeGreaterThanOrEqual(Math.max(1, Math.min(share, maxEvents)));
    }),
    { numRuns: 300 },
  );
});

test("nobody is stuck: once all is settled, everyone who asks may have an event", () => {
  fc.assert(
    fc.property(worlds, ({ world }) => {
      for (let round = 0; round < 50; round++) {
        for (const user of world.users) {
          world.grant(user);
          expect(user.outstandingEvents).toBeGreaterThan(0);
        }
        for (const user of world.users) {
          user.outstandingEvents = 0;
        }
      }
    }),
    { numRuns: 50 },
  );
});

test("a lone partition may have the whole budget", () => {
  const world = new World(1_000_000, 4000, [1000]);
  expect(world.grant(world.users[0] as User)).toBe(1000);
});

test("the first who asks gets its part and the half that is free; the others get their parts", () => {
  const world = new World(1_600_000, 4000, [1000, 1000, 1000, 1000]);
  expect(world.users.map((user) => world.grant(user))).toEqual([1000, 200, 200, 200]);
  expect(world.reservedBytes).toBe(world.maxBytes);
});

test("what partitions left behind that are read no longer counts as well", () => {
  const world = new World(1_000_000, 4000, [1000]);
  world.otherBytes = 300_000;
  expect(world.grant(world.users[0] as User)).toBe(700);
});

test("nothing is granted while the budget is full, nor for less than a quarter of the bound while some is left", () => {
  const world = new World(1_000_000, 100, [100]);
  const [user] = world.users as [User];
  expect(world.grant(user)).toBe(100);
  user.outstandingEvents = 76;
  expect(world.grant(user)).toBe(0);
  user.outstandingEvents = 75;
  expect(world.grant(user)).toBe(25);
  user.outstandingEvents = 0;
  world.otherBytes = 1_000_000;
  expect(world.grant(user)).toBe(0);
});

test("a partition that is read no longer has no part", () => {
  const world = new World(1_000_000, 4000, [1000, 1000]);
  const [first, second] = world.users as [User, User];
  world.policy.remove(second);
  expect(world.grant(first)).toBe(1000);
});

test("until an event shows how large they are, few are asked for", () => {
  const world = new World(32_000_000, 4000, [2048]);
  const [user] = world.users as [User];
  user.hasReceived = false;
  expect(world.grant(user)).toBe(100);
  user.hasReceived = true;
  expect(world.grant(user)).toBe(3900);
});

test("a part that is smaller than a quarter of the bound is topped up anyway", () => {
  const world = new World(32_000_000, 4000, Array(32).fill(1000));
  for (const user of world.users) {
    world.grant(user);
  }
  const user = world.users[31] as User;
  expect(user.outstandingEvents).toBe(500);
  user.outstandingEvents = 100;
  expect(world.grant(user)).toBeGreaterThanOrEqual(400);
});
