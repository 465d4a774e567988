import { readCsv } from "./csv.ts";

export type FieldTable = { readonly release: string; readonly types: ReadonlyMap<string, string> };

/**
 * The field table of an ECS release, from the `fields.csv` that elastic/ecs generates.
 * Left out: multi-fields (`user.name.text` indexes `user.name` a second time, and no event has it) and `ecs.version`
 * (the platform does not keep it). Dates become `datetime`, since the platform rewrites them to RFC 3339, which it does
 * not do for a format's own fields of type `date`.
 */
export function readEcsTable(csv: string): FieldTable {
  const records = readCsv(csv);
  const types = new Map(records.map((record) => [record.get("Field") ?? "", record.get("Type") ?? ""]));
  for (const [path, type] of types) {
    const parent = types.get(path.slice(0, path.lastIndexOf(".")));
    const isMultiField = path.endsWith(".text") && parent !== undefined && parent !== "object";
    if (path === "" || path === "ecs.version" || isMultiField) {
      types.delete(path);
    } else if (type === "date") {
      types.set(path, "datetime");
    }
  }
  return { release: records[0]?.get("ECS_Version") ?? "", types };
}

/** The platform's own fields, from a table with the columns `field` and `type`. */
export function readPlatformTable(csv: string): FieldTable {
  const types = new Map(readCsv(csv).map((record) => [record.get("field") ?? "", record.get("type") ?? ""]));
  return { release: "", types };
}

/** Groups the paths of each type by their parent, one line a parent: `source.as number`; `-` stands for no parent. */
export function compactTable(types: ReadonlyMap<string, string>): Record<string, string[]> {
  const grouped = new Map<string, Map<string, string[]>>();
  for (const path of [...types.keys()].sort()) {
    const dot = path.lastIndexOf(".");
    const parent = dot === -1 ? "-" : path.slice(0, dot);
    const type = types.get(path) ?? "";
    const parents = grouped.get(type) ?? new Map<string, string[]>();
    grouped.set(type, parents);
    parents.set(parent, [...(parents.get(parent) ?? []), path.slice(dot + 1)]);
  }
  return Object.fromEntries(
    [...grouped]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([type, parents]) => [type, [...parents].map(([parent, names]) => [parent, ...names].join(" "))]),
  );
}
