import { expect, test } from "vitest";
import { RHEA_HOOKS, testHooks } from "../../../../src/connector/hub/amqp/self-test.ts";

test("the pinned rhea has everything that is used of its inside", () => {
  expect(testHooks(RHEA_HOOKS)).toBeUndefined();
});

test.each<{ name: string; hooks: Partial<typeof RHEA_HOOKS>; told: string }>([
  {
    name: "input is gone",
    hooks: {
      feed: () => {
        throw new TypeError("connection.input is not a function");
      },
    },
    told: "connection.input is not a function",
  },
  { name: "input takes bytes and does nothing", hooks: { feed: () => {} }, told: 'got "' },
  {
    name: "the session's numbers are elsewhere",
    hooks: { sessionNumbers: () => ({ local: 0, remote: 0, nextIncomingId: 0 }) },
    told: 'got "open,attach,detach 0 0 5 41:payload"',
  },
  {
    name: "the link's numbers are elsewhere",
    hooks: { linkNumbers: () => ({ handle: 0, deliveryCount: 0 }) },
    told: 'got "open,attach,detach 3 7 0 41:payload"',
  },
])("when $name, the self-test says so", ({ hooks, told }) => {
  expect(testHooks({ ...RHEA_HOOKS, ...hooks })).toContain(told);
});
