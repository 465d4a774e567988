/** Which slot a name of a template means. */

/** The names that one template, or one loop of it, sets. */
type Scope = { readonly slots: Map<string, number> };

export class Names {
  readonly #layers: ReadonlyMap<string, number>;
  readonly #scopes: Scope[] = [{ slots: new Map() }];
  #localCount = 0;

  constructor(layers: ReadonlyMap<string, number>) {
    this.#layers = layers;
  }

  /** Slots that the template needs for the names it sets. */
  get localCount(): number {
    return this.#localCount;
  }

  /** The slot of a name that the innermost scope sets. */
  define(name: string): number {
    const slots = this.#scopes.at(-1)?.slots ?? new Map<string, number>();
    const known = slots.get(name);
    if (known !== undefined) {
      return known;
    }
    const slot = this.#localCount++;
    slots.set(name, slot);
    return slot;
  }

  /** The slots that may hold the name, innermost first; a slot counts only once its `set` has run. */
  localsOf(name: string): number[] {
    return this.#scopes.flatMap((scope) => scope.slots.get(name) ?? []).reverse();
  }

  get layers(): string[] {
    return [...this.#layers.keys()];
  }

  isLayer(name: string): boolean {
    return this.#layers.has(name);
  }

  layerOf(name: string): number | undefined {
    return this.#layers.get(name);
  }

  /** Compiles a loop's inside: names set there are gone with each turn. */
  inLoop<T>(compile: () => T): T {
    this.#scopes.push({ slots: new Map() });
    const result = compile();
    this.#scopes.pop();
    return result;
  }
}
