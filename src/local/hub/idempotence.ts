import type { IncomingMessage } from "./message.ts";
import type { Refusal } from "./refusal.ts";

/** A link with this capability numbers its events, so that the hub stores none of them twice. */
export const IDEMPOTENT_PRODUCER = "com.microsoft:idempotent-producer";

/** What a producer says about itself at attach, and the hub answers; undefined: the hub decides. */
export type ProducerClaim = {
  readonly producerId: number | undefined;
  /** The owner level. */
  readonly epoch: number | undefined;
  /** Of the last event that was published. */
  readonly sequenceNumber: number | undefined;
};

export type ProducerState = { readonly [field in keyof ProducerClaim]: number };

type Producer = {
  epoch: number;
  sequenceNumber: number;
  /** Whether anything was published under this epoch. */
  hasPublished: boolean;
};

/** Sequence numbers are 32 bits, signed, and begin again at 0. */
const SEQUENCE_RANGE = 2 ** 31;
const EPOCH_MAX = 2 ** 15 - 1;
const PRODUCERS_MAX = 10_000;

/** The idempotent producers of one partition. */
export class IdempotentProducers {
  readonly #byId = new Map<number, Producer>();
  #nextId = 1;

  /** @returns the state to answer, or why the link is refused. */
  attach(claim: ProducerClaim): ProducerState | Refusal {
    return claim.producerId === undefined ? this.#create(claim) : this.#attachAgain(claim.producerId, claim);
  }

  /** @returns why the events of a link that attached with `state` are not stored. */
  publish(state: ProducerState, message: IncomingMessage): Refusal | undefined {
    const producer = this.#byId.get(state.producerId);
    if (producer === undefined || producer.epoch !== state.epoch) {
      return stolen(state.producerId, state.epoch, producer?.epoch);
    }
    const first = message.sequenceNumber ?? message.events[0]?.sequenceNumber;
    if (first === undefined) {
      return {
        condition: "amqp:not-allowed",
        description: "An event of an idempotent producer must carry its producer sequence number.",
      };
    }
    const next = (producer.sequenceNumber + 1) % SEQUENCE_RANGE;
    // Clients do not agree whether the number of a new producer is that of its first event or of the one before.
    const isNext = first === next || (!producer.hasPublished && first === producer.sequenceNumber);
    const isGapless = message.events.every(
      ({ sequenceNumber }, index) =>
        sequenceNumber === undefined || sequenceNumber === (first + index) % SEQUENCE_RANGE,
    );
    if (!isNext || !isGapless) {
      return {
        condition: "com.microsoft:out-of-order-sequence",
        description: `The producer sequence number ${first} is out of order: producer ${state.producerId} with epoch ${state.epoch} has to go on with ${next}.`,
      };
    }
    producer.sequenceNumber = (first + message.events.length - 1) % SEQUENCE_RANGE;
    producer.hasPublished = true;
    return undefined;
  }

  #create(claim: ProducerClaim): ProducerState | Refusal {
    const problem = problemOf(claim);
    if (problem !== undefined) {
      return notAllowed(problem);
    }
    if (this.#byId.size >= PRODUCERS_MAX) {
      return notAllowed(`the partition has ${PRODUCERS_MAX} idempotent producers already`);
    }
    const producerId = this.#nextId++;
    const producer = {
      epoch: claim.epoch ?? 0,
      sequenceNumber: claim.sequenceNumber ?? 0,
      hasPublished: false,
    };
    this.#byId.set(producerId, producer);
    return { producerId, epoch: producer.epoch, sequenceNumber: producer.sequenceNumber };
  }

  #attachAgain(producerId: number, claim: ProducerClaim): ProducerState | Refusal {
    const producer = this.#byId.get(producerId);
    const problem = producer === undefined ? `there is no producer ${producerId}` : problemOf(claim);
    if (producer === undefined || problem !== undefined) {
      return notAllowed(problem ?? "");
    }
    const epoch = claim.epoch ?? producer.epoch;
    if (epoch < producer.epoch) {
      return stolen(producerId, epoch, producer.epoch);
    }
    if (epoch > producer.epoch) {
      // A new owner begins its own count.
      producer.epoch = epoch;
      producer.sequenceNumber = claim.sequenceNumber ?? 0;
      producer.hasPublished = false;
    }
    return { producerId, epoch, sequenceNumber: producer.sequenceNumber };
  }
}

function problemOf({ epoch = 0, sequenceNumber = 0 }: ProducerClaim): string | undefined {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > EPOCH_MAX) {
    return `the epoch must be a whole number from 0 to ${EPOCH_MAX}`;
  }
  return !Number.isInteger(sequenceNumber) || sequenceNumber < 0 || sequenceNumber >= SEQUENCE_RANGE
    ? `the sequence number must be a whole number from 0 to ${SEQUENCE_RANGE - 1}`
    : undefined;
}

function notAllowed(problem: string): Refusal {
  return {
    condition: "amqp:not-allowed",
    description: `The idempotent producer is not allowed: ${problem}.`,
  };
}

function stolen(producerId: number, epoch: number, current: number | undefined): Refusal {
  return {
    condition: "com.microsoft:producer-epoch-stolen",
    description: `Producer ${producerId} with epoch ${epoch} was replaced by one with epoch ${current ?? "unknown"}.`,
  };
}
