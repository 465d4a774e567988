import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { LOCAL_HUB_CONFIG, LOCAL_HUB_NAME } from "../../src/local/defaults.ts";
import { type LocalHubServer, startHub } from "../../src/local/hub/server.ts";
import { sendMessages } from "../../src/local/producer.ts";

let hub: LocalHubServer;
const never = new AbortController().signal;

beforeAll(async () => {
  hub = await startHub({ config: LOCAL_HUB_CONFIG, port: 0 });
});
afterAll(() => hub.close());

function stored(): number {
  const { partitionIds, state } = hub.hub(LOCAL_HUB_NAME);
  return partitionIds.reduce((sum, id) => sum + state(id).lastSequenceNumber + 1, 0);
}

test("sendMessages splits what one batch cannot hold, and the hub has every message", async () => {
  const before = stored();
  const told: number[] = [];
  const bodies = Array.from({ length: 2500 }, (_, index) => `${index}${"x".repeat(1000)}`);
  const options = {
    connectionString: hub.connectionString(LOCAL_HUB_NAME),
    onSent: (messages: number) => told.push(messages),
  };
  expect(await sendMessages(bodies, options, systemClock, never)).toBe(2500);
  expect(stored() - before).toBe(2500);
  expect(told).toEqual([1000, 2000, 2500]);
});

test("sendMessages keeps to a rate", async () => {
  const startedAtMs = performance.now();
  const options = { connectionString: hub.connectionString(), hubName: LOCAL_HUB_NAME, rate: 100 };
  await sendMessages(Array<string>(60).fill("x"), options, systemClock, never);
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(590);
});

test("sendMessages ends when it is told to, and says how many the hub has", async () => {
  const stop = new AbortController();
  const before = stored();
  const options = {
    connectionString: hub.connectionString(LOCAL_HUB_NAME),
    rate: 20,
    onSent: (messages: number) => messages >= 4 && stop.abort(new Error("stopped")),
  };
  const sent = await sendMessages(Array<string>(1000).fill("x"), options, systemClock, stop.signal);
  expect(sent).toBeLessThan(10);
  expect(stored() - before).toBe(sent);
});

test.each([
  {
    name: "a connection string that is none",
    connectionString: "secret-text",
    hubName: "x",
    error: /^the connection string is not valid/,
  },
  {
    name: "no event hub",
    connectionString: "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=secret-text",
    hubName: undefined,
    error: /names no event hub/,
  },
  {
    name: "two event hubs",
    connectionString:
      "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=secret-text;EntityPath=a",
    hubName: "b",
    error: /for the event hub a, not for b/,
  },
])("sendMessages refuses $name", async ({ connectionString, hubName, error }) => {
  const sending = sendMessages(["x"], { connectionString, hubName }, systemClock, never);
  await expect(sending).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringMatching(error),
  });
  await expect(sending).rejects.not.toThrow("secret-text");
});

test("a message that no batch can hold is reported by its place", async () => {
  const options = { connectionString: hub.connectionString(LOCAL_HUB_NAME) };
  const sending = sendMessages(["small", "x".repeat(2_000_000)], options, systemClock, never);
  await expect(sending).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining("message 2 has 2000000 bytes"),
  });
});

test("a hub that does not exist is reported in a sentence, without the key", async () => {
  const options = { connectionString: hub.connectionString(), hubName: "nowhere" };
  const sending = sendMessages(["x"], options, systemClock, never);
  await expect(sending).rejects.toMatchObject({
    code: "HUB_UNREACHABLE",
    message: expect.stringMatching(/stopped taking messages after 0: .*check the address/),
  });
  await expect(sending).rejects.not.toThrow("SAS_KEY_VALUE");
});
