import type { Clock } from "../../kernel/clock.ts";
import type { HubEntity } from "./entity.ts";
import type { FaultState } from "./faults.ts";
import type { Identity, SharedAccessKey } from "./keys.ts";
import type { SentCounter } from "./outgoing.ts";

/** What every connection of a server shares. */
export type HubContext = {
  readonly clock: Clock;
  readonly keys: readonly SharedAccessKey[];
  readonly identities: readonly Identity[];
  readonly faults: FaultState;
  readonly sent: SentCounter;
  readonly received: { messages: number; bytes: number };
  /** @param name In any case. */
  hub(name: string): HubEntity | undefined;
};
