import type { Clock } from "../../kernel/clock.ts";
import type { HubEntity } from "./entity.ts";
import type { Interference } from "./interference.ts";
import type { Grant, SharedAccessKey } from "./keys.ts";
import type { SentCounter } from "./outgoing.ts";

/** What every connection of a server shares. */
export type HubContext = {
  readonly clock: Clock;
  readonly keys: readonly SharedAccessKey[];
  readonly interference: Interference;
  readonly sent: SentCounter;
  readonly received: { messages: number; bytes: number };
  /** A client spoke Kafka in place of AMQP. */
  metKafka(): void;
  /**
   * @param audience What the client wants to use the token for; without a host, the one that was signed counts.
   * @param isIdentity A token of Entra ID, in place of a shared access signature.
   * @returns the grant, or why there is none.
   */
  checkToken(token: string, audience: string, isIdentity: boolean): Grant | string;
  /** @param name In any case. */
  hub(name: string): HubEntity | undefined;
};
