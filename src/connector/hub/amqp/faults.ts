import type { AmqpError, ConnectionError } from "rhea";

/** The hub ended a link, a session or the connection, or it never opened. */
export class HubFault extends Error {
  /** The AMQP condition, such as `amqp:link:stolen`; for a lost connection the system's code. */
  readonly condition: string;

  constructor(condition: string, description: string) {
    super(`${description} (${condition})`);
    this.condition = condition;
  }

  /** Another receiver of the group has taken the partition. */
  get isStolen(): boolean {
    return this.condition === "amqp:link:stolen";
  }

  /** The hub does not know the position to start after. */
  get isBadPosition(): boolean {
    return (
      this.condition === "com.microsoft:argument-error" ||
      this.condition === "com.microsoft:argument-out-of-range" ||
      this.condition === "amqp:invalid-field"
    );
  }
}

export function toHubFault(
  error: AmqpError | ConnectionError | Error | undefined,
  otherwise: string,
): HubFault {
  if (error === undefined || error === null) {
    return new HubFault("amqp:connection:forced", otherwise);
  }
  const { condition, description } = error as AmqpError;
  const { code, message } = error as Error & { code?: string };
  return new HubFault(condition ?? code ?? "unknown", description ?? message ?? otherwise);
}
