import type { Plain } from "./values/json-text.ts";

/** The field must be there and, if a value is given, have it. */
type Condition = { readonly field: string; readonly value?: unknown };

/** Two fields of an event belong together: "user.name" "uses" "host.name". */
type Relationship = { readonly source: string; readonly target: string; readonly type: string };

/** A sentence about an event, and when it may be used. */
export type SmartDescription = {
  /** The sentence; `{dotted.path}` stands for a field's value. */
  readonly value: string;
  /** All must hold. */
  readonly conditions: readonly Condition[];
  readonly relationships: readonly Relationship[];
};

/**
 * The entries of a format's `smart-descriptions.json`, in their order; what has not their shape is left out.
 * @param json The parsed file.
 */
export function readDescriptions(json: unknown): readonly SmartDescription[] {
  return recordsOf(json).flatMap((entry) => {
    const { value } = entry;
    if (typeof value !== "string") {
      return [];
    }
    const conditions = recordsOf(entry["conditions"]).filter(isCondition);
    const relationships = recordsOf(entry["relationships"]).filter(isRelationship);
    return [{ value, conditions, relationships }];
  });
}

/**
 * An event in one line: the sentence with the most conditions of those whose conditions all hold, the first of equals.
 * @returns undefined when no sentence fits.
 */
export function describeEvent(event: Plain, descriptions: readonly SmartDescription[]): string | undefined {
  let best: SmartDescription | undefined;
  for (const candidate of descriptions) {
    const isBetter = best === undefined || candidate.conditions.length > best.conditions.length;
    if (isBetter && candidate.conditions.every((condition) => holds(event, condition))) {
      best = candidate;
    }
  }
  return best?.value.replace(/\{([^{}]+)\}/g, (_, path: string) => printed(fieldAt(event, path)));
}

function holds(event: Plain, { field, value: wanted }: Condition): boolean {
  const value = fieldAt(event, field);
  if (value === undefined || value === null) {
    return false;
  }
  return wanted === undefined || [value].flat().some((item) => printed(item) === printed(wanted));
}

/** The value of a dotted path; keys of the event itself only. */
function fieldAt(event: Plain, path: string): Plain | undefined {
  let value: Plain | undefined = event;
  for (const key of path.split(".")) {
    value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

function printed(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(printed).join(", ");
  }
  if (typeof value === "string") {
    return value;
  }
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function isRecord<T>(value: T | { [key: string]: T }): value is { [key: string]: T } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function recordsOf(json: unknown): { [key: string]: unknown }[] {
  return Array.isArray(json) ? json.filter((entry) => isRecord<unknown>(entry)) : [];
}

function isCondition(entry: { [key: string]: unknown }): entry is Condition {
  return typeof entry["field"] === "string";
}

function isRelationship(entry: { [key: string]: unknown }): entry is Relationship {
  return ["source", "target", "type"].every((key) => typeof entry[key] === "string");
}
