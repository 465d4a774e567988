/**
 * What is to be done about an error. The class decides, so no caller can choose wrongly.
 * Never a field named `retryable`: the Event Hubs SDK reads that name and skips a batch because of it.
 */
export type Disposition = "retry" | "stop";

/** Every code an error of ours may carry; docs/errors.md explains each. */
export const ERROR_CODES = {
  CONFIGURATION_INVALID: "The configuration is missing or wrong; each problem is named with its field.",
  COMMAND_UNKNOWN: "The container was started with a command that the module's files do not declare.",
  SECRETS_UNAVAILABLE: "The platform did not hand out the module's secrets.",
  HUB_UNREACHABLE: "The Event Hub did not answer; the connector tries again.",
  HUB_REFUSED: "The Event Hub refused the connection: wrong key, hub, consumer group or partition.",
  CHECKPOINT_INVALID: "The Event Hub does not know the position of a checkpoint.",
  OWNERSHIP_LOST: "Another consumer of the group owns the partition now.",
  STORAGE_UNREACHABLE: "The checkpoint storage did not answer; the connector tries again.",
  STORAGE_REFUSED: "The checkpoint storage refused the container, its name or the key.",
  SIGN_IN_FAILED: "Entra ID gave no token to this process; the connector tries again.",
  INTAKE_UNREACHABLE: "The intake did not answer or asked to wait; the connector tries again.",
  INTAKE_MISCONFIGURED:
    "The intake refused the key, the address or maybe an event, or something else answered; the position is kept and the intake probed slowly.",
  INTAKE_REFUSED: "The intake refused an event; it is set aside as a dead letter.",
  EVENT_TOO_LARGE: "An event is larger than the intake accepts; it is set aside as a dead letter.",
  EVENT_NOT_UTF8:
    "An event is not UTF-8, so a JSON body cannot carry its bytes; it is set aside as a dead letter.",
  BODY_UNREADABLE: "A message's body is damaged or unpacks to too much; it is set aside as a dead letter.",
  LOCAL_SERVER_FAILED: "A server of the local stack could not start.",
  DEV_DEPENDENCY_MISSING: "A command of the local stack needs a package that is not installed.",
  INPUT_INVALID: "A command was given an argument or a file it cannot use.",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Base of all our errors. The message says what happened, to which thing, and what to do; it never holds a secret. */
export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  abstract readonly disposition: Disposition;
  override get name(): string {
    return this.constructor.name;
  }
}

/** A person gave a command something it cannot use. */
export class InputInvalid extends AppError {
  readonly code = "INPUT_INVALID";
  readonly disposition = "stop";
}

/** The message of anything that was thrown, for a log line. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === "") {
    return thrown.errors.map(messageOf).join("; ");
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}
