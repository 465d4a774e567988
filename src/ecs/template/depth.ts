/** How deep a syntax tree is; what walks it later descends once for each level. */
import type { Statement } from "../contract/template-tree.ts";

/** Objects and lists within each other; a level of an expression is two or three of them. */
const MAX_TREE_DEPTH = 2_000;

/** A chain such as `a + b + c` is a deep tree, though nothing in it is written inside of anything else. */
export function isTooDeep(body: readonly Statement[]): boolean {
  let level: object[] = [body];
  for (let depth = 0; depth < MAX_TREE_DEPTH; depth++) {
    if (level.length === 0) {
      return false;
    }
    level = level.flatMap((node) => Object.values(node).filter(isObject));
  }
  return true;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
