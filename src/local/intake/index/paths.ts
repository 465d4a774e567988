/** Leaves of one event that the index takes; what comes after is stored and not found by its field. */
const MAX_LEAVES = 1000;
const MAX_DEPTH = 32;
/** Keys that are known, so that hostile events cannot fill the memory with them. */
const MAX_NODES = 20_000;

/** A place in events, and those below it. Walking the same tree for each event makes no path anew. */
type Node = { readonly path: string; readonly below: Map<string, Node>; field: number };

export class Paths {
  readonly #fieldOf: (path: string) => number;
  readonly #root: Node;
  #nodes = 0;
  #left = 0;

  /** @param fieldOf The number of a new path's field; -1 when it is not indexed. It is asked once a path. */
  constructor(fieldOf: (path: string) => number) {
    this.#fieldOf = fieldOf;
    this.#root = { path: "", below: new Map(), field: -1 };
  }

  /** Calls `take` with the field's number and the text of each leaf; the items of a list share their list's path. */
  eachLeaf(event: Readonly<Record<string, unknown>>, take: (field: number, text: string) => void): void {
    this.#left = MAX_LEAVES;
    this.#walkKeys(event, this.#root, 0, take);
  }

  #walkKeys(
    value: Readonly<Record<string, unknown>>,
    node: Node,
    depth: number,
    take: (field: number, text: string) => void,
  ): void {
    for (const key of Object.keys(value)) {
      const below = node.below.get(key) ?? this.#add(node, key);
      if (below !== undefined) {
        this.#walk(value[key], below, depth + 1, take);
      }
    }
  }

  #walk(value: unknown, node: Node, depth: number, take: (field: number, text: string) => void): void {
    if (this.#left <= 0 || value === null || value === undefined) {
      return;
    }
    if (typeof value !== "object") {
      this.#left -= 1;
      if (node.field === UNKNOWN) {
        node.field = this.#fieldOf(node.path);
      }
      if (node.field >= 0) {
        take(node.field, typeof value === "string" ? value : String(value));
      }
    } else if (depth >= MAX_DEPTH) {
      return;
    } else if (Array.isArray(value)) {
      for (const item of value) {
        this.#walk(item, node, depth + 1, take);
      }
    } else {
      this.#walkKeys(value as Record<string, unknown>, node, depth, take);
    }
  }

  #add(node: Node, key: string): Node | undefined {
    if (this.#nodes >= MAX_NODES) {
      return undefined;
    }
    this.#nodes += 1;
    const added = {
      path: node === this.#root ? key : `${node.path}.${key}`,
      below: new Map(),
      field: UNKNOWN,
    };
    node.below.set(key, added);
    return added;
  }
}

const UNKNOWN = -2;
