/** Whether a name occurs anywhere in a tree. */
import type { Statement } from "../contract/template-tree.ts";

/** Walks the tree as plain data: every name in it is a node `{ kind: "name", name }`. */
export function refersTo(body: readonly Statement[], name: string): boolean {
  const pending: unknown[] = [...body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (typeof node !== "object" || node === null) {
      continue;
    }
    if ("kind" in node && node.kind === "name" && "name" in node && node.name === name) {
      return true;
    }
    pending.push(...Object.values(node).filter((child) => typeof child === "object" && child !== null));
  }
  return false;
}
