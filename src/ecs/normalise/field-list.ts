import { ECS_FIELDS } from "../data/ecs-fields.ts";
import { PLATFORM_FIELDS } from "../data/platform-fields.ts";

export type KnownField = { readonly path: string; readonly type: string };

/** The fields of ECS and of the platform, in the order of their paths. */
export function knownFields(): KnownField[] {
  const types = new Map<string, string>();
  for (const [type, lines] of [ECS_FIELDS, PLATFORM_FIELDS].flatMap(Object.entries<string>)) {
    for (const line of lines.trim().split("\n")) {
      const [parent = "-", ...names] = line.split(" ");
      for (const name of names) {
        types.set(parent === "-" ? name : `${parent}.${name}`, type);
      }
    }
  }
  return [...types].map(([path, type]) => ({ path, type })).sort((a, b) => (a.path < b.path ? -1 : 1));
}
