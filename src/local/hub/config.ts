import { InputInvalid } from "../../kernel/errors.ts";

/** One event hub as the emulator's configuration describes it. */
export type HubDescription = {
  readonly name: string;
  /** 1 to 1024. */
  readonly partitionCount: number;
  /** As written; `$Default` is always among them. */
  readonly consumerGroups: readonly string[];
};

const DEFAULT_GROUP = "$Default";
const PARTITIONS_MAX = 1024;

/**
 * Reads the official emulator's `Config.json`.
 * @param config The parsed JSON: `UserConfig.NamespaceConfig[].Entities[]`, each with `Name`, `PartitionCount`
 *   (number or digits in quotes) and `ConsumerGroups[].Name`.
 * @throws InputInvalid that names the first wrong field.
 */
export function readHubConfig(config: unknown): readonly HubDescription[] {
  const hubs: HubDescription[] = [];
  const namespaces = listAt(fieldOf(fieldOf(config, "UserConfig"), "NamespaceConfig"));
  for (const [n, namespace] of namespaces.entries()) {
    for (const [e, entity] of listAt(fieldOf(namespace, "Entities")).entries()) {
      hubs.push(readEntity(entity, `UserConfig.NamespaceConfig[${n}].Entities[${e}]`));
    }
  }
  if (hubs.length === 0) {
    throw new InputInvalid(
      "the hub configuration names no event hub; add one under UserConfig.NamespaceConfig[0].Entities",
    );
  }
  const names = new Set(hubs.map((hub) => hub.name.toLowerCase()));
  if (names.size < hubs.length) {
    throw new InputInvalid("the hub configuration names the same event hub twice; give each its own Name");
  }
  return hubs;
}

function readEntity(entity: unknown, path: string): HubDescription {
  const name = fieldOf(entity, "Name");
  if (typeof name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new InputInvalid(`${path}.Name must be letters, digits, dots, dashes or underscores, like "hub1"`);
  }
  const count = Number(fieldOf(entity, "PartitionCount"));
  if (!Number.isInteger(count) || count < 1 || count > PARTITIONS_MAX) {
    throw new InputInvalid(`${path}.PartitionCount must be a whole number from 1 to ${PARTITIONS_MAX}`);
  }
  const groups = [DEFAULT_GROUP];
  for (const [g, group] of listAt(fieldOf(entity, "ConsumerGroups")).entries()) {
    const groupName = fieldOf(group, "Name");
    if (typeof groupName !== "string" || groupName === "") {
      throw new InputInvalid(`${path}.ConsumerGroups[${g}].Name must be a text, like "cg1"`);
    }
    if (groupName.toLowerCase() !== DEFAULT_GROUP.toLowerCase()) {
      groups.push(groupName);
    }
  }
  return { name, partitionCount: count, consumerGroups: groups };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function listAt(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
