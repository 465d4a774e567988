import { expect, test } from "vitest";
import { Chunker } from "../../../src/connector/chunks/chunker.ts";
import { BodyPool } from "../../../src/connector/chunks/pool.ts";
import type { Chunk, Delivery } from "../../../src/connector/contract.ts";
import {
  INTAKE_DEFAULTS,
  IntakeClient,
  type IntakeSettings,
  type SeenAnswer,
} from "../../../src/connector/intake/client.ts";
import { textEngineFor } from "../../../src/connector/scan/engine.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import { rawEvents } from "../../local/intake/helpers.ts";
import { type FaultyIntake, startIntake } from "../../support/intake-faults.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const WAIT_MS = INTAKE_DEFAULTS.misconfiguredWaitMs;

function chunkOf(...texts: string[]): Chunk {
  const settings = { intakeKey: "key", maxBytes: 9_000_000, maxRecords: 50_000 };
  const chunker = new Chunker(settings, new BodyPool(0));
  for (const [index, text] of texts.entries()) {
    const bytes = Buffer.from(text);
    const engine = textEngineFor(bytes.length);
    const start = engine.place(bytes, 0, bytes.length);
    chunker.add(engine, start, start + bytes.length, "0", index, 0);
  }
  return chunker.seal() as Chunk;
}

/** A client of a real intake; its clock stands still, and its first back-off takes 250 ms. */
async function withClient(
  partial: Partial<Pick<IntakeSettings, "isKeyTrusted" | "exchangeTimeoutMs">>,
  use: (world: ReturnType<typeof createWorld>) => Promise<void>,
): Promise<void> {
  const intake = await startIntake();
  const world = createWorld(intake, { isKeyTrusted: false, ...partial });
  try {
    await use(world);
  } finally {
    world.giveUp.abort(new Error("the test is over"));
    world.client.close();
    await intake.close();
  }
}

function createWorld(
  intake: FaultyIntake,
  settings: Pick<IntakeSettings, "isKeyTrusted"> & Partial<IntakeSettings>,
) {
  const clock = new ManualClock();
  const giveUp = new AbortController();
  const lines: string[] = [];
  const answers: SeenAnswer[] = [];
  const client = new IntakeClient(
    { ...INTAKE_DEFAULTS, ...settings, server: intake.url, userAgent: "test", proxies: NO_PROXIES },
    {
      clock,
      random: () => 0.5,
      logger: { log: (level, message) => void lines.push(`${level}: ${message.split(":")[0]}`) },
      failing: () => undefined,
      answered: (answer) => void answers.push(answer),
    },
  );
  /** The delivery once it is there. */
  const deliver = (...texts: string[]): { delivery?: Delivery; error?: unknown } => {
    const state: { delivery?: Delivery; error?: unknown } = {};
    client.deliver(chunkOf(...texts), giveUp.signal).then(
      (delivery) => {
        state.delivery = delivery;
      },
      (error: unknown) => {
        state.error = error;
      },
    );
    return state;
  };
  /** Until so many requests came and so many timers wait. */
  const rests = (requests: number, timers: number) =>
    expect.poll(() => [intake.stats().requests, clock.pending], { interval: 5 }).toEqual([requests, timers]);
  /** Other events go out and are accepted, once the pause after a failure is over. */
  const accept = async (text: string) => {
    const other = deliver(text);
    clock.advance(INTAKE_DEFAULTS.backoff.firstMs);
    await expect.poll(() => other.delivery?.accepted, { interval: 5 }).toBe(1);
  };
  return { intake, client, clock, giveUp, lines, answers, deliver, rests, accept };
}

const answerPoison = (status: number) => (body: string) => (body.includes("poison") ? status : undefined);
const refusedOf = ({ delivery }: { delivery?: Delivery }) =>
  delivery?.refused.map(({ record, reason, detail }) => ({ text: record.bytes.toString(), reason, detail }));
const REFUSED = {
  reason: "INTAKE_REFUSED",
  detail: "the intake answered HTTP 400, while it took other events with the same key",
};
const settled = (state: { delivery?: Delivery }) =>
  expect.poll(() => state.delivery, { interval: 5 }).toBeDefined();

test("an event for which the intake answers 400 is set aside alone, once others are accepted", async () => {
  await withClient({}, async ({ intake, deliver, rests, accept }) => {
    intake.faults.refuse(answerPoison(400));
    const chunk = deliver("a", "b", "poison", "c");
    await rests(1, 1);
    await accept("other");
    await settled(chunk);
    expect(refusedOf(chunk)).toEqual([{ text: "poison", ...REFUSED }]);
    expect(chunk.delivery).toMatchObject({ accepted: 3, isBodyFree: false, lastAnswer: { status: 400 } });
    expect(rawEvents(intake)).toEqual(["other", "a", "b", "c"]);
  });
});

test("a chunk of such events alone is set aside whole, after one more acceptance for all", async () => {
  await withClient({}, async ({ intake, deliver, rests, accept }) => {
    intake.faults.refuse(answerPoison(400));
    const chunk = deliver("poison 1", "poison 2", "poison 3");
    await rests(1, 1);
    await accept("other");
    await rests(7, 1);
    expect(chunk.delivery).toBeUndefined();
    await accept("another");
    await settled(chunk);
    expect(refusedOf(chunk)?.map(({ text }) => text)).toEqual(["poison 1", "poison 2", "poison 3"]);
  });
});

test("a 400 that was none of the events' fault leaves the chunk whole", async () => {
  await withClient({}, async ({ intake, deliver, rests, accept }) => {
    intake.faults.answer(400, 1);
    const chunk = deliver("a", "b");
    await rests(1, 1);
    await accept("other");
    await settled(chunk);
    expect(chunk.delivery).toMatchObject({ accepted: 2, refused: [] });
    expect(intake.stats().requests).toBe(3);
  });
});

test("while nothing is accepted, a 400 sets nothing aside, splits nothing and is asked about slowly", async () => {
  await withClient({}, async ({ intake, clock, deliver, rests, lines }) => {
    intake.faults.refuse(() => 400);
    const chunks = [deliver("a", "b"), deliver("c", "d"), deliver("e")];
    await rests(3, 3);
    for (let minute = 0; minute < 5; minute++) {
      const asked = intake.stats().requests;
      clock.advance(60_000);
      await expect.poll(() => intake.stats().requests, { interval: 5 }).toBeGreaterThan(asked);
      await expect.poll(() => clock.nextDelayMs, { interval: 5 }).toBeGreaterThan(0);
      expect(intake.stats().requests).toBeLessThanOrEqual(asked + 3);
    }
    expect(chunks.map(({ delivery }) => delivery)).toEqual([undefined, undefined, undefined]);
    expect(lines[0]).toBe("warning: the intake answered HTTP 400");
    expect(lines[1]).toBe("error: the intake answered HTTP 400");
    intake.faults.refuse(undefined);
    clock.advance(60_000);
    await Promise.all(chunks.map(settled));
    expect(rawEvents(intake).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    expect(chunks.map(({ delivery }) => delivery?.refused)).toEqual([[], [], []]);
  });
});

test("a key that is withdrawn during the search sets nothing aside", async () => {
  await withClient({}, async ({ intake, clock, deliver, rests, accept }) => {
    let poisoned = 0;
    intake.faults.refuse((body) => {
      if (body.includes("poison")) {
        poisoned++;
      }
      return body.includes("poison") || poisoned > 1 ? 400 : undefined;
    });
    const chunk = deliver("a", "poison", "b", "c");
    await rests(1, 1);
    await accept("other");
    // Whole once more, two halves, four events alone.
    await rests(9, 1);
    clock.advance(WAIT_MS);
    await rests(10, 1);
    expect(chunk.delivery).toBeUndefined();
    intake.faults.refuse(answerPoison(400));
    clock.advance(2 * WAIT_MS);
    await settled(chunk);
    expect(refusedOf(chunk)?.map(({ text }) => text)).toEqual(["poison"]);
    expect(rawEvents(intake).toSorted()).toEqual(["a", "b", "c", "other"]);
  });
});

test.each([401, 403, 404, 405, 407, 302])(
  "HTTP %i sets nothing aside, whatever else is accepted",
  async (status) => {
    await withClient({}, async ({ intake, clock, deliver, rests }) => {
      intake.faults.refuse(answerPoison(status));
      const chunk = deliver("a", "poison");
      // The pause of the gate; the chunk stands behind it.
      await rests(1, 1);
      for (let again = 1; again <= 3; again++) {
        const other = deliver(`other ${again}`);
        const later = () => {
          clock.advance(WAIT_MS);
          return other.delivery;
        };
        await expect.poll(later, { interval: 5 }).toBeDefined();
      }
      expect(chunk.delivery).toBeUndefined();
    });
  },
);

test("one 400 holds the others for the first back-off alone; the next without an acceptance holds them long", async () => {
  await withClient({}, async ({ intake, clock, deliver, rests }) => {
    intake.faults.refuse(answerPoison(400));
    deliver("poison 1");
    await rests(1, 1);
    deliver("poison 2");
    clock.advance(250);
    await rests(2, 2);
    const other = deliver("other");
    // The first chunk asks for the proof again before the gate opens.
    expect(clock.nextDelayMs).toBe(WAIT_MS - 250);
    clock.advance(WAIT_MS - 1);
    await rests(2, 2);
    clock.advance(1);
    await settled(other);
  });
});

test("a chunk that waits for the proof gives up with its signal", async () => {
  await withClient({}, async ({ intake, clock, giveUp, deliver, rests }) => {
    intake.faults.refuse(() => 400);
    const chunk = deliver("a");
    await rests(1, 1);
    giveUp.abort(new Error("over"));
    await expect.poll(() => chunk.error, { interval: 5 }).toEqual(new Error("over"));
    expect(clock.pending).toBe(0);
  });
});

test.each([400, 402, 406, 409, 410, 411, 412, 414, 418, 422, 431, 451, 499])(
  "HTTP %i for everything, as a wrong path or a gateway answers, sets nothing aside",
  async (status) => {
    await withClient({}, async ({ intake, clock, deliver, rests, lines }) => {
      intake.faults.answer(status, Number.POSITIVE_INFINITY);
      const chunk = deliver("a", "b", "c");
      await rests(1, 1);
      const later = () => {
        clock.advance(60_000);
        return intake.stats().requests;
      };
      await expect.poll(later, { interval: 5 }).toBeGreaterThanOrEqual(4);
      expect(chunk.delivery).toBeUndefined();
      expect(lines).toContain(`error: the intake answered HTTP ${status}`);
      intake.faults.clear();
      const afterwards = () => {
        clock.advance(60_000);
        return chunk.delivery;
      };
      await expect.poll(afterwards, { interval: 5 }).toMatchObject({ accepted: 3, refused: [] });
    });
  },
);

test.each([
  { name: "a block page", status: 200, page: "<html>blocked</html>" },
  { name: "an empty 204", status: 204, page: "" },
  { name: "an empty 200", status: 200, page: "" },
  { name: "an error in JSON", status: 200, page: '{"error":"quota"}' },
])("$name with a 2xx is not an acceptance: the events are sent again", async ({ status, page }) => {
  await withClient({}, async ({ intake, clock, deliver, rests }) => {
    intake.faults.answerPage(status, page, 2);
    const chunk = deliver("a", "b");
    await rests(1, 1);
    expect(chunk.delivery).toBeUndefined();
    const afterwards = () => {
      clock.advance(WAIT_MS);
      return chunk.delivery;
    };
    await expect.poll(afterwards, { interval: 5 }).toMatchObject({ accepted: 2, refused: [] });
    expect(rawEvents(intake)).toEqual(["a", "b"]);
  });
});

test("413 for everything sets nothing aside, and does not ask for each event", async () => {
  await withClient({}, async ({ intake, clock, deliver }) => {
    intake.faults.answer(413, Number.POSITIVE_INFINITY);
    const chunk = deliver(...Array.from({ length: 500 }, (_, index) => `event ${index}`));
    await expect.poll(() => clock.pending, { interval: 5, timeout: 20_000 }).toBe(1);
    expect(intake.stats().requests).toBeGreaterThan(32);
    expect(intake.stats().requests).toBeLessThan(100);
    expect(chunk.delivery).toBeUndefined();
  });
});

test("a single event that is answered 413 is set aside as too large once others are accepted", async () => {
  await withClient({}, async ({ intake, deliver }) => {
    intake.faults.refuse(answerPoison(413));
    const chunk = deliver("poison", "a", "b", "c");
    await settled(chunk);
    expect(refusedOf(chunk)).toMatchObject([{ text: "poison", reason: "EVENT_TOO_LARGE" }]);
    expect(rawEvents(intake)).toEqual(["a", "b", "c"]);
  });
});

test("an answer that drips ends with the time for the whole exchange, and the events are sent again", async () => {
  await withClient({ exchangeTimeoutMs: 300 }, async ({ intake, clock, lines, deliver, rests }) => {
    intake.faults.drip(20, 1);
    const chunk = deliver("a");
    await rests(1, 1);
    expect(lines).toEqual([
      "warning: the intake cannot be reached (no whole answer within 0.3 s); the same events are sent again",
    ]);
    clock.advance(250);
    await settled(chunk);
    expect(chunk.delivery).toMatchObject({ accepted: 1 });
  });
});

test("an answer is read whole, however many events it names", async () => {
  await withClient({}, async ({ intake, deliver }) => {
    intake.faults.reject((raw) => (raw.endsWith("7") ? "x".repeat(150) : undefined));
    const chunk = deliver(...Array.from({ length: 50_000 }, (_, index) => String(index)));
    await expect.poll(() => chunk.delivery?.accepted, { interval: 20, timeout: 20_000 }).toBe(45_000);
  });
});

test("with a key that is trusted, a 400 is the events' fault at once", async () => {
  await withClient({ isKeyTrusted: true }, async ({ intake, clock, deliver }) => {
    intake.faults.refuse(answerPoison(400));
    const chunk = deliver("poison");
    await settled(chunk);
    expect(refusedOf(chunk)).toEqual([{ text: "poison", ...REFUSED }]);
    expect(clock.pending).toBe(0);
  });
});

test("a 400 that is the events' fault does not tell that the intake accepts events again", async () => {
  await withClient({ isKeyTrusted: true }, async ({ intake, clock, lines, deliver, rests }) => {
    intake.faults.answer(503, 1);
    intake.faults.refuse(answerPoison(400));
    const chunk = deliver("poison");
    await rests(1, 1);
    clock.advance(250);
    await settled(chunk);
    expect(lines).toEqual(["warning: the intake answered HTTP 503; the same events are sent again"]);
  });
});

test("every answer is told with its ids, and every request that got none with the reason", async () => {
  await withClient({}, async ({ intake, clock, answers, deliver, rests }) => {
    await settled(deliver("a", "b"));
    expect(answers).toEqual([
      { atMs: clock.now(), status: 200, events: 2, durationMs: 0, eventIds: expect.any(Array), note: null },
    ]);
    expect(answers[0]?.eventIds).toHaveLength(2);
    intake.faults.refuse(() => 429);
    deliver("c");
    await rests(2, 1);
    expect(answers[1]).toMatchObject({ status: 429, events: 0, eventIds: [] });
    expect(answers[1]?.note).toMatch(/^the intake answered HTTP 429|^Retry-After/);
    await intake.faults.down();
    clock.advance(INTAKE_DEFAULTS.backoff.maxMs);
    await expect.poll(() => answers[2]).toMatchObject({ status: 0, events: 0 });
    expect(answers[2]?.note).toContain("cannot be reached");
  });
});
