import type { Clock } from "../../kernel/clock.ts";
import { type Address, pathOf } from "./address.ts";
import { type Claim, covers, type Grant, permits, type SharedAccessKey } from "./keys.ts";

/** Node's timers hold no more. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What one connection may do: by the tokens it put, or by the key it logged in with. */
export class Grants {
  readonly #clock: Clock;
  readonly #plainKey: () => SharedAccessKey | undefined;
  readonly #expired: () => void;
  /** The newest token for each path. */
  readonly #byPath = new Map<string, Grant>();
  #cancelTimer: () => void = () => {};

  /**
   * @param plainKey The key of a client that logged in with SASL PLAIN.
   * @param expired Called when a token has expired that was not renewed.
   */
  constructor(clock: Clock, plainKey: () => SharedAccessKey | undefined, expired: () => void) {
    this.#clock = clock;
    this.#plainKey = plainKey;
    this.#expired = expired;
  }

  add(grant: Grant): void {
    this.#byPath.set(grant.path, grant);
    this.#watch();
  }

  /** True if the client may open a link to the address. */
  allows(address: Address): boolean {
    switch (address.kind) {
      case "cbs":
      // A request may bring a token of its own, so each is looked at, and not the link.
      case "management":
        return true;
      case "hub":
        return this.#covers(pathOf(address), ["Send"]);
      case "reader":
        return this.#covers(pathOf(address), ["Listen"]);
    }
  }

  /** True if the client may ask for the state of a hub. @param hub In any case. */
  allowsReading(hub: string): boolean {
    return this.#covers(`${hub.toLowerCase()}/$management`, ["Listen", "Send"]);
  }

  close(): void {
    this.#cancelTimer();
  }

  #covers(path: string, needed: readonly Claim[]): boolean {
    const key = this.#plainKey();
    if (key !== undefined && permits(key.claims, needed)) {
      return true;
    }
    return [...this.#byPath.values()].some(
      (grant) => covers(grant.path, path) && permits(grant.claims, needed),
    );
  }

  #watch(): void {
    this.#cancelTimer();
    const next = Math.min(...[...this.#byPath.values()].map((grant) => grant.expiresAtMs));
    if (Number.isFinite(next)) {
      const delayMs = Math.min(TIMER_MAX_MS, Math.max(0, next - this.#clock.now()));
      this.#cancelTimer = this.#clock.after(delayMs, () => this.#expire());
    }
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const grant of this.#byPath.values()) {
      if (grant.expiresAtMs <= now) {
        this.#byPath.delete(grant.path);
      }
    }
    this.#watch();
    this.#expired();
  }
}
