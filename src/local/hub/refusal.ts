/** Why the hub refuses something, as it says it on the wire. */
export type Refusal = {
  /** An AMQP symbol, like `amqp:not-found`. */
  readonly condition: string;
  readonly description: string;
};

export function isRefusal(value: object | number | string): value is Refusal {
  return typeof value === "object" && "condition" in value;
}
