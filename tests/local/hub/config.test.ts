import { expect, test } from "vitest";
import { readHubConfig } from "../../../src/local/hub/config.ts";
import { configOf } from "./harness.ts";

const withEntities = (...entities: unknown[]) => ({
  UserConfig: { NamespaceConfig: [{ Type: "EventHub", Name: "ns", Entities: entities }] },
});

test("the official emulator's file is understood, with its quoted counts", () => {
  expect(readHubConfig(configOf("2"))).toEqual([
    { name: "hub1", partitionCount: 2, consumerGroups: ["$Default", "cg1"] },
  ]);
});

test("the default group is there once, named or not, and hubs of all namespaces count", () => {
  const config = {
    UserConfig: {
      NamespaceConfig: [
        { Entities: [{ Name: "a", PartitionCount: 1, ConsumerGroups: [{ Name: "$default" }] }] },
        { Entities: [{ Name: "b", PartitionCount: 32 }] },
      ],
    },
  };
  expect(readHubConfig(config)).toEqual([
    { name: "a", partitionCount: 1, consumerGroups: ["$Default"] },
    { name: "b", partitionCount: 32, consumerGroups: ["$Default"] },
  ]);
});

test.each([
  { name: "no object", config: null, problem: /names no event hub/ },
  { name: "no hub", config: withEntities(), problem: /names no event hub/ },
  {
    name: "a hub without a name",
    config: withEntities({ PartitionCount: 1 }),
    problem: /Entities\[0\]\.Name must be/,
  },
  {
    name: "a name with a slash",
    config: withEntities({ Name: "a/b", PartitionCount: 1 }),
    problem: /Entities\[0\]\.Name must be/,
  },
  {
    name: "no partitions",
    config: withEntities({ Name: "a", PartitionCount: "0" }),
    problem: /PartitionCount must be a whole number/,
  },
  {
    name: "half a partition",
    config: withEntities({ Name: "a", PartitionCount: 1.5 }),
    problem: /PartitionCount must be a whole number/,
  },
  {
    name: "a group without a name",
    config: withEntities({ Name: "a", PartitionCount: 1, ConsumerGroups: [{}] }),
    problem: /ConsumerGroups\[0\]\.Name must be a text/,
  },
  {
    name: "a hub named twice",
    config: withEntities({ Name: "a", PartitionCount: 1 }, { Name: "A", PartitionCount: 1 }),
    problem: /same event hub twice/,
  },
])("a configuration with $name is refused with the place of the mistake", ({ config, problem }) => {
  expect(() => readHubConfig(config)).toThrow(problem);
});
