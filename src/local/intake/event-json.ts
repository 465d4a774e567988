/** A whole number that a double cannot hold may stand in the text. */
const LONG_NUMBER = /[:[,]\s*-?\d{16,}/;

/**
 * A stored ECS event as a plain object; whole numbers over 2^53 are kept as their text, so that a search for one is exact.
 */
export function readEvent(ecs: string): Readonly<Record<string, unknown>> {
  if (!LONG_NUMBER.test(ecs)) {
    return JSON.parse(ecs);
  }
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? context?.source
      : value;
  return JSON.parse(ecs, exact);
}

/** The values of a dotted path; lists on the way are looked into. */
export function valuesAt(event: unknown, path: string): readonly unknown[] {
  let values: unknown[] = [event];
  for (const key of path.split(".")) {
    values = values
      .flat()
      .flatMap((value) => (isRecord(value) && Object.hasOwn(value, key) ? [value[key]] : []));
  }
  return values.flat(8);
}

const MAX_DEPTH = 32;

/** Whether some leaf passes, whatever its path. */
export function hasLeaf(value: unknown, test: (leaf: unknown) => boolean, depth = 0): boolean {
  if (value === null || value === undefined) {
    return false;
  }
  if (typeof value !== "object") {
    return test(value);
  }
  return depth < MAX_DEPTH && Object.values(value).some((item) => hasLeaf(item, test, depth + 1));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
