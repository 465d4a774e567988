/** One bound on what the deterministic automatons of all patterns in the process hold together. */

/** Cells of some eight bytes each: 64 MiB, about. */
const MAX_CELLS = 8_000_000;
/** What is left when they were too many. */
const KEPT_CELLS = MAX_CELLS / 2;

/** Cells with which one pattern is begun anew. */
export const MAX_PATTERN_CELLS = 1_000_000;

/** Something that can give its memory back, and build what it needs anew. */
export type Holder = {
  readonly cells: number;
  /** The time of its last use, by the clock here. */
  readonly usedAt: number;
  forget(): void;
};

export class AutomatonMemory {
  /** Weak, so that a format that is gone takes its automatons with it. */
  #holders: WeakRef<Holder>[] = [];
  #cells = 0;
  #clock = 0;

  join(holder: Holder): void {
    this.#holders.push(new WeakRef(holder));
  }

  /** To be called with each use of a holder. */
  tick(): number {
    return ++this.#clock;
  }

  grow(cells: number): void {
    this.#cells += cells;
  }

  /** To be called while no holder is at work: those that were not used for longest forget. */
  makeRoom(): void {
    if (this.#cells <= MAX_CELLS) {
      return;
    }
    // The count also holds what automatons had that are gone.
    const held = this.#holders.map((reference) => reference.deref()).filter((holder) => holder !== undefined);
    held.sort((a, b) => b.usedAt - a.usedAt);
    this.#holders = held.map((holder) => new WeakRef(holder));
    this.#cells = 0;
    for (const holder of held) {
      if (this.#cells + holder.cells > KEPT_CELLS) {
        holder.forget();
      }
      this.#cells += holder.cells;
    }
  }

  get cells(): number {
    return this.#cells;
  }
}

export const automatonMemory = new AutomatonMemory();
