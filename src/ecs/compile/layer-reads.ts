/** What the templates of a format read of each stage's layer, so that stages need not build the rest. */
import type { Reads } from "../contract/stage.ts";
import type { Expression, Statement } from "../contract/template-tree.ts";

type Growing = { isWhole: boolean; readonly below: Map<string, Growing> };
type Access = { readonly slot: number; readonly keys: string[]; readonly others: readonly unknown[] };

/** Tests that ask no more of a value than whether it is there. */
const PRESENCE_TESTS: ReadonlySet<string> = new Set(["defined", "undefined", "none"]);
const NOTHING: Reads = new Map();

export class LayerReads {
  readonly #layers: ReadonlyMap<string, number>;
  readonly #bySlot = new Map<number, Growing>();

  constructor(layers: ReadonlyMap<string, number>) {
    this.#layers = layers;
  }

  isRead(slot: number): boolean {
    return this.#bySlot.has(slot);
  }

  /** The keys right below a layer of which anything reads something; undefined if something reads the whole layer. */
  keysOf(slot: number): readonly string[] | undefined {
    const node = this.#bySlot.get(slot);
    return node?.isWhole === true ? undefined : [...(node?.below.keys() ?? [])];
  }

  /** What is read of the value that stands in a layer under the keys. */
  of(slot: number, keys: readonly string[]): Reads {
    let node = this.#bySlot.get(slot);
    for (const key of keys) {
      if (node?.isWhole === true) {
        return "all";
      }
      node = node?.below.get(key);
    }
    return node === undefined ? NOTHING : frozen(node);
  }

  /** @param isWhole Whether all of the value is read, not only whether it is there. */
  add(slot: number, keys: readonly string[], isWhole: boolean): void {
    let node = this.#nodeOf(slot);
    for (const key of keys) {
      let below = node.below.get(key);
      if (below === undefined) {
        below = growing();
        node.below.set(key, below);
      }
      node = below;
    }
    node.isWhole ||= isWhole;
  }

  /** Walks a template's tree as plain data. Whatever is not understood counts as a read of the whole. */
  addTemplate(body: readonly Statement[]): void {
    const pending: unknown[] = [...body];
    while (pending.length > 0) {
      const node = pending.pop();
      if (typeof node !== "object" || node === null) {
        continue;
      }
      const asked = isExpression(node) ? presenceAsked(node) : undefined;
      const access = isExpression(node) ? this.#accessOf(asked ?? node) : undefined;
      if (access === undefined) {
        pending.push(...partsOf(node));
      } else {
        this.add(access.slot, access.keys, asked === undefined);
        pending.push(...access.others);
      }
    }
  }

  #nodeOf(slot: number): Growing {
    let node = this.#bySlot.get(slot);
    if (node === undefined) {
      node = growing();
      this.#bySlot.set(slot, node);
    }
    return node;
  }

  /** The layer and the keys of `stage.a["b"].get("c")`. A number, as in `.0`, may be a list's item, so it ends the path. */
  #accessOf(node: Expression): Access | undefined {
    if (node.kind === "name") {
      const slot = this.#layers.get(node.name);
      return slot === undefined ? undefined : { slot, keys: [], others: [] };
    }
    const step = stepOf(node);
    const before = step === undefined ? undefined : this.#accessOf(step.of);
    if (step === undefined || before === undefined) {
      return undefined;
    }
    before.keys.push(step.key);
    return { ...before, others: [...before.others, ...step.others] };
  }
}

type KeyStep = { readonly of: Expression; readonly key: string; readonly others: readonly unknown[] };

function stepOf(node: Expression): KeyStep | undefined {
  if (node.kind === "attribute") {
    return /^\d/.test(node.name) ? undefined : { of: node.of, key: node.name, others: [] };
  }
  if (node.kind === "index") {
    const key = textOf(node.index);
    return key === undefined ? undefined : { of: node.of, key, others: [] };
  }
  if (node.kind !== "call" || node.callee.kind !== "attribute" || node.callee.name !== "get") {
    return undefined;
  }
  const [first, ...others] = node.args.positional;
  const key = first === undefined || first.spread ? undefined : textOf(first.value);
  return key === undefined ? undefined : { of: node.callee.of, key, others: [...others, ...node.args.named] };
}

function textOf(node: Expression): string | undefined {
  return node.kind === "constant" && typeof node.value === "string" ? node.value : undefined;
}

/** The expression of `expression is defined`, and of `expression != None`. */
function presenceAsked(node: Expression): Expression | undefined {
  if (node.kind === "compare") {
    const [only, second] = node.rest;
    const isEquality = second === undefined && (only?.operator === "==" || only?.operator === "!=");
    const isNone = only?.operand.kind === "constant" && only.operand.value === null;
    return isEquality && isNone ? node.first : undefined;
  }
  return node.kind === "test" && PRESENCE_TESTS.has(node.name) ? node.of : undefined;
}

function partsOf(node: object): unknown[] {
  // A method is not a key of what it is called on.
  const isMethod = isExpression(node) && node.kind === "call" && node.callee.kind === "attribute";
  return isMethod && node.callee.kind === "attribute" ? [node.callee.of, node.args] : Object.values(node);
}

function isExpression(node: object): node is Expression {
  return "kind" in node && "at" in node;
}

function growing(): Growing {
  return { isWhole: false, below: new Map() };
}

function frozen({ isWhole, below }: Growing): Reads {
  return isWhole ? "all" : new Map([...below].map(([key, node]) => [key, frozen(node)]));
}
