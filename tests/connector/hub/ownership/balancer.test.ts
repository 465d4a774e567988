import { expect, onTestFinished, test } from "vitest";
import { Balancer } from "../../../../src/connector/hub/ownership/balancer.ts";
import { Random } from "../../../chaos/random.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { MemoryStore } from "../support/memory-store.ts";

const UPDATE_MS = 10_000;
const EXPIRY_MS = 60_000;
/** A look that does not end is given up after this time. */
const CYCLE_LIMIT_MS = 30_000;

type World = { readonly clock: ManualClock; readonly store: MemoryStore };

function createWorld(): World {
  const clock = new ManualClock();
  return { clock, store: new MemoryStore(() => clock.now()) };
}

/** Lets everything run that waits for nothing but its turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function pass({ clock }: World, ms: number): Promise<void> {
  clock.advance(ms);
  await turn();
}

/** A balancer that ends with the test, and what it has told. */
function join(
  world: World,
  ownerId: string,
  partitions = ["0", "1", "2", "3"],
  random = () => 0.5,
  isReading = () => false,
) {
  const events: string[] = [];
  const lines: string[] = [];
  const settings = { ownerId, updateMs: UPDATE_MS, expiryMs: EXPIRY_MS };
  const balancer = new Balancer(settings, {
    store: world.store,
    clock: world.clock,
    random,
    logger: { log: (level, message) => void lines.push(`${level}: ${message}`) },
    claimed: (partitionId) => void events.push(`claimed ${partitionId}`),
    lost: (partitionId) => void events.push(`lost ${partitionId}`),
    recordLost: (partitionId) => void events.push(`record lost ${partitionId}`),
    hasReadMore: () => isReading(),
  });
  balancer.start(partitions);
  onTestFinished(async () => {
    world.store.beforeAnswer = async () => {};
    await balancer.release();
  });
  return {
    balancer,
    events,
    lines,
    owned: () => partitions.filter((partitionId) => balancer.owns(partitionId)),
    /** What happened since the last call. */
    news: () => events.splice(0).sort(),
  };
}

test("one that reads notices within half a second what another has claimed; one that does not, at its next look", async () => {
  const world = createWorld();
  let isReading = true;
  const { news } = join(
    world,
    "me",
    ["0", "1"],
    () => 0.5,
    () => isReading,
  );
  await turn();
  news();
  world.store.put("0", "other");
  await pass(world, 500);
  expect(news()).toEqual(["lost 0"]);
  isReading = false;
  world.store.put("1", "other");
  await pass(world, UPDATE_MS - 501);
  expect(news()).toEqual([]);
  await pass(world, 1);
  expect(news()).toContain("lost 1");
});

test("what a look claims is not given up by what was read of the store before", async () => {
  const world = createWorld();
  const { news, owned } = join(
    world,
    "me",
    ["0", "1", "2"],
    () => 0.5,
    () => true,
  );
  await turn();
  world.store.put("2", "other");
  await pass(world, 1000);
  expect(owned()).toEqual(["0", "1"]);
  news();
  // The other gives it back; the list of the watch is older than the claim of the look.
  let answer = () => {};
  world.store.beforeAnswer = (call) =>
    call === "list" ? new Promise<void>((resolve) => (answer = resolve)) : Promise.resolve();
  await pass(world, 1000);
  const late = answer;
  world.store.beforeAnswer = async () => {};
  world.store.put("2", "");
  await pass(world, UPDATE_MS);
  expect(news()).toEqual(["claimed 2"]);
  late();
  await turn();
  expect(news()).toEqual([]);
  expect(owned()).toEqual(["0", "1", "2"]);
});

test("a lone consumer claims everything at its first look", async () => {
  const world = createWorld();
  const { news, owned } = join(world, "me");
  expect(owned()).toEqual([]);
  await turn();
  expect(news()).toEqual(["claimed 0", "claimed 1", "claimed 2", "claimed 3"]);
  expect(owned()).toEqual(["0", "1", "2", "3"]);
  expect(world.store.ownedBy("me")).toHaveLength(4);
});

test("a partition that the hub gets later is claimed at the next look, and one that is gone is given up", async () => {
  const world = createWorld();
  const { balancer, news, owned } = join(world, "me", ["0", "1", "2"]);
  await turn();
  news();
  balancer.setPartitions(["0", "2", "3"]);
  expect(news()).toEqual(["lost 1"]);
  await pass(world, UPDATE_MS);
  expect(news()).toEqual(["claimed 3"]);
  expect(owned()).toEqual(["0", "2"]);
  expect(balancer.owns("3")).toBe(true);
});

test("expiry goes by the store's clock: one whose own is five minutes ahead takes nothing from others", async () => {
  const world = createWorld();
  const first = join(world, "first");
  await turn();
  const skewed = { clock: new ManualClock(world.clock.now() + 300_000), store: world.store };
  const second = join(skewed, "second");
  await turn();
  for (let look = 0; look < 5; look++) {
    await pass(world, UPDATE_MS);
    await pass(skewed, UPDATE_MS);
  }
  expect([first.owned().length, second.owned().length]).toEqual([2, 2]);
  expect(second.events).toHaveLength(2);
  expect(first.events.filter((event) => event.startsWith("lost"))).toHaveLength(2);
});

test("what is owned is renewed at each look, and told no second time", async () => {
  const world = createWorld();
  const { news, owned } = join(world, "me");
  await turn();
  news();
  for (let look = 0; look < 20; look++) {
    await pass(world, UPDATE_MS);
    expect(world.store.renewedAtMs("3")).toBe(world.clock.now());
  }
  expect(news()).toEqual([]);
  expect(owned()).toHaveLength(4);
});

test("a partition that its owner does not renew is claimed once it has expired, and no sooner", async () => {
  const world = createWorld();
  for (const partitionId of ["0", "1", "2", "3"]) {
    world.store.put(partitionId, "other");
  }
  await pass(world, 1000);
  const { news } = join(world, "me");
  await turn();
  // Its fair part at once …
  expect(news()).toHaveLength(2);
  await pass(world, EXPIRY_MS - UPDATE_MS);
  expect(news()).toEqual([]);
  // … and the rest when nobody else is there.
  await pass(world, UPDATE_MS);
  expect(news()).toHaveLength(2);
});

test("a record that another has changed is lost at the next look", async () => {
  const world = createWorld();
  const { news, owned } = join(world, "me");
  await turn();
  news();
  for (const partitionId of ["1", "2"]) {
    world.store.put(partitionId, "other");
  }
  await pass(world, UPDATE_MS);
  expect(news()).toEqual(["lost 1", "lost 2"]);
  expect(owned()).toEqual(["0", "3"]);
  expect(world.store.ownedBy("other")).toEqual(["1", "2"]);
});

test("a record that changes between look and renewal is lost at once, by its ETag", async () => {
  const world = createWorld();
  const { news, owned } = join(world, "me");
  await turn();
  news();
  world.store.beforeClaim = ({ partitionId }) => {
    if (partitionId === "1" && world.store.ownerOf("1") === "me") {
      world.store.put("1", "other");
    }
  };
  await pass(world, UPDATE_MS);
  expect(news()).toEqual(["lost 1"]);
  expect(owned()).toEqual(["0", "2", "3"]);
  expect(world.store.ownerOf("1")).toBe("other");
});

test("a claim whose answer was lost is adopted at the next look, once", async () => {
  const world = createWorld();
  world.store.beforeAnswer = async (call) => {
    if (call === "claim") {
      throw new Error("connection reset");
    }
  };
  const { news, owned, lines } = join(world, "me");
  await turn();
  expect(news()).toEqual([]);
  expect(owned()).toEqual([]);
  expect(world.store.ownedBy("me")).toHaveLength(4);
  expect(lines).toEqual(["warning: partition ownership could not be renewed; retrying: connection reset"]);
  world.store.beforeAnswer = async () => {};
  await pass(world, UPDATE_MS);
  expect(news()).toEqual(["claimed 0", "claimed 1", "claimed 2", "claimed 3"]);
  await pass(world, UPDATE_MS);
  expect(news()).toEqual([]);
});

test("a store that fails costs nothing but a line a minute, until the ownership expires", async () => {
  const world = createWorld();
  const { news, owned, lines } = join(world, "me");
  await turn();
  news();
  world.store.beforeAnswer = async () => {
    throw new Error("down");
  };
  for (let look = 0; look < 5; look++) {
    await pass(world, UPDATE_MS);
    expect(owned()).toHaveLength(4);
  }
  expect(lines).toHaveLength(1);
  await pass(world, UPDATE_MS);
  // Others may own them by now, and we not know.
  expect(owned()).toEqual([]);
  expect(news()).toEqual([]);
  world.store.beforeAnswer = async () => {};
  await pass(world, UPDATE_MS);
  expect(owned()).toHaveLength(4);
  expect(news()).toEqual([]);
});

test("a store that hangs does not stop the looks: each is given up after 30 seconds, and its late answer is void", async () => {
  const world = createWorld();
  const { news, owned, lines } = join(world, "me");
  await turn();
  news();
  const hung: (() => void)[] = [];
  world.store.beforeAnswer = () => new Promise((resolve) => hung.push(resolve));
  await pass(world, UPDATE_MS);
  expect(hung).toHaveLength(1);
  await pass(world, CYCLE_LIMIT_MS);
  expect(lines.at(-1)).toContain("the store did not answer for 30 s");
  world.store.beforeAnswer = async () => {};
  await pass(world, UPDATE_MS);
  expect(owned()).toHaveLength(4);
  for (const partitionId of ["0", "1", "2", "3"]) {
    world.store.put(partitionId, "other");
  }
  await pass(world, UPDATE_MS);
  expect(news().filter((event) => event.startsWith("lost"))).toHaveLength(4);
  const before = world.store.claims;
  for (const answer of hung) {
    answer();
  }
  await turn();
  expect(world.store.claims).toBe(before);
});

test("records that were deleted are rewritten by their owners, and nobody else claims the partitions meanwhile", async () => {
  const world = createWorld();
  const first = join(world, "first");
  await turn();
  const second = join(world, "second");
  await turn();
  await pass(world, UPDATE_MS);
  expect([first.owned().length, second.owned().length]).toEqual([2, 2]);
  await pass(world, UPDATE_MS);
  for (const { news } of [first, second]) {
    news();
  }
  const before = [first.owned(), second.owned()];
  world.store.deleteAll();
  await pass(world, UPDATE_MS);
  await pass(world, UPDATE_MS);
  expect([first.owned(), second.owned()]).toEqual(before);
  expect([...first.news(), ...second.news()].sort()).toEqual([
    "record lost 0",
    "record lost 1",
    "record lost 2",
    "record lost 3",
  ]);
});

test("a record that was deleted, and whose owner is gone, is claimed once its time is over", async () => {
  const world = createWorld();
  for (const partitionId of ["0", "1"]) {
    world.store.put(partitionId, "other");
  }
  const { news } = join(world, "me", ["0", "1"]);
  await turn();
  expect(news()).toHaveLength(1);
  await pass(world, UPDATE_MS);
  world.store.deleteAll();
  await pass(world, UPDATE_MS);
  expect(news()).toHaveLength(1);
  for (let look = 2; look < EXPIRY_MS / UPDATE_MS; look++) {
    await pass(world, UPDATE_MS);
    expect(news().filter((event) => event.startsWith("claimed"))).toEqual([]);
  }
  await pass(world, UPDATE_MS);
  expect(news().filter((event) => event.startsWith("claimed"))).toHaveLength(1);
});

test("a process that was stopped for longer than the expiry owns nothing when it goes on", async () => {
  const world = createWorld();
  const { owned, news } = join(world, "me");
  await turn();
  news();
  // Nothing of ours has run yet: the clock alone has moved.
  world.clock.advance(EXPIRY_MS);
  expect(owned()).toEqual([]);
  for (const partitionId of ["0", "1"]) {
    world.store.put(partitionId, "other");
  }
  await turn();
  await pass(world, UPDATE_MS);
  expect(news().filter((event) => event.startsWith("lost"))).toEqual(["lost 0", "lost 1"]);
  expect(owned()).toEqual(["2", "3"]);
});

test("a partition that the hub gave to another reader is not claimed again before the next look", async () => {
  const world = createWorld();
  const { balancer, news, owned } = join(world, "me");
  await turn();
  news();
  balancer.forfeit("2");
  balancer.forfeit("2");
  expect(news()).toEqual(["lost 2"]);
  expect(owned()).toEqual(["0", "1", "3"]);
  await pass(world, UPDATE_MS - 1);
  expect(news()).toEqual([]);
  // The record still says that it is ours, so the other reader does not go by the records.
  await pass(world, 1);
  expect(news()).toEqual(["claimed 2"]);
});

test("what is given back is free for others at their next look", async () => {
  const world = createWorld();
  const first = join(world, "first");
  await turn();
  const second = join(world, "second");
  await turn();
  await pass(world, UPDATE_MS);
  expect([first.owned().length, second.owned().length]).toEqual([2, 2]);
  await first.balancer.release();
  expect(first.owned()).toEqual([]);
  expect(world.store.ownedBy("")).toHaveLength(2);
  await pass(world, UPDATE_MS);
  expect(second.owned()).toHaveLength(4);
});

test("what another has taken meanwhile is not given back over its head", async () => {
  const world = createWorld();
  const { balancer } = join(world, "me");
  await turn();
  world.store.put("0", "other");
  world.store.beforeClaim = ({ partitionId }) => {
    if (partitionId === "1" && world.store.ownerOf("1") === "me") {
      world.store.put("1", "other");
    }
  };
  await balancer.release();
  expect(world.store.ownedBy("other")).toEqual(["0", "1"]);
  expect(world.store.ownedBy("")).toEqual(["2", "3"]);
});

test("after the release nothing is claimed any more", async () => {
  const world = createWorld();
  const { balancer, news } = join(world, "me");
  await turn();
  await balancer.release();
  const before = world.store.claims;
  news();
  await pass(world, 10 * UPDATE_MS);
  expect(world.store.claims).toBe(before);
  expect(news()).toEqual([]);
  expect(world.clock.pending).toBe(0);
});

test("one that joins takes its part from the other, and says so", async () => {
  const world = createWorld();
  const first = join(world, "first");
  await turn();
  const second = join(world, "second");
  await turn();
  expect(second.owned()).toHaveLength(2);
  expect(
    second.lines.filter((line) => line.includes("is taken over from a consumer that has more")),
  ).toHaveLength(2);
  await pass(world, UPDATE_MS);
  expect(first.news().filter((event) => event.startsWith("lost"))).toHaveLength(2);
  for (let look = 0; look < 20; look++) {
    await pass(world, UPDATE_MS);
  }
  expect([...first.news(), ...second.news().filter((event) => event.startsWith("lost"))]).toEqual([]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "three that come and go while the store fails now and then end with fair shares, each partition owned once (seed %i)",
  async (seed) => {
    const random = new Random(seed);
    const world = createWorld();
    const partitions = Array.from({ length: random.between(3, 16) }, (_, index) => String(index));
    world.store.beforeAnswer = async (call) => {
      const chance = random.next();
      if (chance < 0.1) {
        throw new Error("busy");
      }
      if (chance < 0.15 && call === "list") {
        await new Promise(() => {});
      }
    };
    const members = ["a", "b", "c"].map((name) => join(world, name, partitions, () => random.next()));
    for (let step = 0; step < 60; step++) {
      await pass(world, random.between(0, UPDATE_MS));
    }
    world.store.beforeAnswer = async () => {};
    for (let step = 0; step < 20; step++) {
      await pass(world, UPDATE_MS);
    }

    const shares = members.map(({ owned }) => owned());
    expect(shares.flat().sort()).toEqual(partitions.toSorted());
    const sizes = shares.map((share) => share.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    for (const [index, member] of members.entries()) {
      // Each partition is claimed, lost, claimed … in turn.
      for (const partitionId of partitions) {
        const demo = member.events.filter((event) => event.endsWith(` ${partitionId}`));
        demo.forEach((event, at) => {
          expect(event.startsWith(at % 2 === 0 ? "claimed" : "lost")).toBe(true);
        });
        expect(demo.length % 2 === 1).toBe(shares[index]?.includes(partitionId));
      }
      member.events.length = 0;
    }
    for (let step = 0; step < 10; step++) {
      await pass(world, UPDATE_MS);
    }
    expect(members.flatMap(({ events }) => events)).toEqual([]);
  },
);
