import type { Plain } from "./normalise/index.ts";

/** A sentence about an event, and when it may be used. */
export type SmartDescription = {
  /** The sentence; `{dotted.path}` stands for a field's value. */
  readonly value: string;
  /** All must hold: the field is there, and has the value if one is given. */
  readonly conditions: readonly { readonly field: string; readonly value?: Plain }[];
  /** How two fields of the event belong together, such as "user.name", "host.name", "uses". */
  readonly relationships: readonly {
    readonly source: string;
    readonly target: string;
    readonly type: string;
  }[];
};

/**
 * The entries of a format's `smart-descriptions.json`, in their order; what has not their shape is left out.
 * @param json The parsed file.
 */
export function readDescriptions(json: unknown): readonly SmartDescription[] {
  return (Array.isArray(json) ? json : []).flatMap((entry: unknown) => {
    if (!isRecord(entry) || typeof entry["value"] !== "string") {
      return [];
    }
    const conditions = entriesWith(entry["conditions"], ["field"]) as SmartDescription["conditions"];
    const relationships = entriesWith(entry["relationships"], [
      "source",
      "target",
      "type",
    ]) as SmartDescription["relationships"];
    return [{ value: entry["value"], conditions, relationships }];
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

function holds(event: Plain, condition: SmartDescription["conditions"][number]): boolean {
  const value = fieldAt(event, condition.field);
  if (value === undefined || value === null) {
    return false;
  }
  const isAny = condition.value === undefined;
  return (
    isAny ||
    printed(value) === printed(condition.value) ||
    (Array.isArray(value) && value.includes(condition.value))
  );
}

/** The value of a dotted path; keys of the event itself only. */
function fieldAt(event: Plain, path: string): Plain | undefined {
  let value: Plain | undefined = event;
  for (const key of path.split(".")) {
    value = isRecord(value) && Object.hasOwn(value, key) ? (value[key] as Plain) : undefined;
  }
  return value;
}

function printed(value: Plain | undefined): string {
  if (Array.isArray(value)) {
    return value.map(printed).join(", ");
  }
  if (typeof value === "string") {
    return value;
  }
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entriesWith(value: unknown, keys: readonly string[]): readonly Record<string, unknown>[] {
  return (Array.isArray(value) ? value : []).filter(
    (entry: unknown): entry is Record<string, unknown> =>
      isRecord(entry) && keys.every((key) => typeof entry[key] === "string"),
  );
}
