import type { Partition } from "./partition.ts";
import type { Refusal } from "./refusal.ts";

const SELECTOR =
  /^\s*amqp\.annotation\.(x-opt-offset|x-opt-sequence-number|x-opt-enqueued-time)\s*(>=?)\s*'([^']*)'\s*$/;

/**
 * Where a reader starts.
 * @param selector The filter of its source, like `amqp.annotation.x-opt-offset > '1064'`; without one, the start.
 * @returns the first sequence number to send, or why there is none.
 */
export function startOf(selector: string | undefined, partition: Partition): number | Refusal {
  if (selector === undefined) {
    return partition.beginSequenceNumber;
  }
  const match = SELECTOR.exec(selector);
  const [, annotation, operator, value = ""] = match ?? [];
  const isInclusive = operator === ">=";
  if (annotation === "x-opt-offset" && value === "-1") {
    return partition.beginSequenceNumber;
  }
  if (annotation === "x-opt-offset" && value === "@latest") {
    return partition.nextSequenceNumber;
  }
  const wanted = Number(value);
  if (annotation === undefined || value === "" || !Number.isFinite(wanted)) {
    return {
      condition: "com.microsoft:argument-error",
      description: `The filter "${selector}" is not one that an Event Hub understands.`,
    };
  }
  const { lastSequenceNumber, lastOffset } = partition.state;
  const reaches = (place: number) => (isInclusive ? place >= wanted : place > wanted);
  switch (annotation) {
    case "x-opt-sequence-number":
      return wanted > lastSequenceNumber + 1
        ? beyond("sequence number", value, String(lastSequenceNumber))
        : partition.find((place) => reaches(place.sequenceNumber));
    case "x-opt-enqueued-time":
      return partition.find((place) => reaches(place.enqueuedAtMs));
    default:
      // What a recreated hub answers to the offset of an old checkpoint.
      return wanted > Number(lastOffset)
        ? beyond("offset", value, lastOffset)
        : partition.find((place) => reaches(place.offset));
  }
}

function beyond(what: string, supplied: string, last: string): Refusal {
  return {
    condition: "com.microsoft:argument-error",
    description: `The supplied ${what} '${supplied}' is invalid. The last ${what} in the system is '${last}'`,
  };
}
