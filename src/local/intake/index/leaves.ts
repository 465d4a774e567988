/** Leaves of one event that the index takes; what comes after is stored and not found by its field. */
const MAX_LEAVES = 1000;
const MAX_DEPTH = 32;

/** Calls `take` with the dotted path and the text of each leaf; the items of a list share their list's path. */
export function eachLeaf(event: unknown, take: (path: string, text: string) => void): void {
  let left = MAX_LEAVES;
  const walk = (value: unknown, path: string, depth: number): void => {
    if (left <= 0 || value === null || value === undefined) {
      return;
    }
    if (typeof value !== "object") {
      left -= 1;
      take(path, String(value));
    } else if (depth < MAX_DEPTH) {
      if (Array.isArray(value)) {
        for (const item of value) {
          walk(item, path, depth + 1);
        }
      } else {
        for (const [key, item] of Object.entries(value)) {
          walk(item, path === "" ? key : `${path}.${key}`, depth + 1);
        }
      }
    }
  };
  walk(event, "", 0);
}
