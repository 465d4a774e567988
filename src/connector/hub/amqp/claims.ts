import type { CbsClient } from "@azure/core-amqp";
import type { Clock } from "../../../kernel/clock.ts";
import type { HubAccess } from "./access.ts";
import { HubFault } from "./faults.ts";

const ANSWER_MS = 20_000;
const RETRY_MS = 15_000;

/** Shows the hub our right to each address that is read, and again before the token runs out. */
export class Claims {
  readonly #access: HubAccess;
  readonly #renewMs: number | undefined;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #cancelRenewal = new Map<string, () => void>();
  #cbs: CbsClient | undefined;
  #opening: Promise<void> | undefined;
  #isClosed = false;

  constructor(
    access: HubAccess,
    renewMs: number | undefined,
    clock: Clock,
    failed: (error: unknown) => void,
  ) {
    this.#access = access;
    this.#renewMs = renewMs;
    this.#clock = clock;
    this.#failed = failed;
  }

  async open(cbs: CbsClient): Promise<void> {
    this.#cbs = cbs;
    await this.#openLinks(cbs);
  }

  /**
   * @param address Of the link, such as `hub/ConsumerGroups/group/Partitions/0`.
   * @throws HubFault or the SDK's error when the hub refuses the token.
   */
  async make(address: string): Promise<void> {
    const audience = `${this.#access.endpoint}${address}`;
    const { token, type, renewAfterMs } = await this.#access.token(audience);
    const cbs = this.#cbs;
    if (cbs === undefined || this.#isClosed) {
      throw new HubFault("closed", "the connection was closed");
    }
    await this.#openLinks(cbs);
    await cbs.negotiateClaim(audience, token, type as Parameters<CbsClient["negotiateClaim"]>[2], {
      timeoutInMs: ANSWER_MS,
    });
    this.#renewIn(this.#renewMs ?? renewAfterMs, address);
  }

  /** The address is read no longer. */
  drop(address: string): void {
    this.#cancelRenewal.get(address)?.();
    this.#cancelRenewal.delete(address);
  }

  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#cancelRenewal.values()) {
      cancel();
    }
    this.#cancelRenewal.clear();
  }

  /** Does nothing unless the hub has closed the links of the tokens meanwhile; all who need them open them once. */
  #openLinks(cbs: CbsClient): Promise<void> {
    this.#opening ??= cbs.init({ timeoutInMs: ANSWER_MS }).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  #renewIn(afterMs: number, address: string): void {
    if (this.#isClosed) {
      return;
    }
    this.drop(address);
    const cancel = this.#clock.after(afterMs, () => {
      this.make(address).catch((thrown: unknown) => {
        if (this.#isClosed) {
          return;
        }
        this.#failed(thrown);
        this.#renewIn(RETRY_MS, address);
      });
    });
    this.#cancelRenewal.set(address, cancel);
  }
}
