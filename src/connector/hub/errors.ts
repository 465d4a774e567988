import { AppError, messageOf } from "../../kernel/errors.ts";

/** The hub does not answer; we try again. */
export class HubUnreachable extends AppError {
  readonly code = "HUB_UNREACHABLE";
  readonly disposition = "retry";
}

/** The hub refused; we retry slowly, since somebody may fix the cause on the other side. */
export class HubRefused extends AppError {
  readonly code = "HUB_REFUSED";
  readonly disposition = "retry";
}

/** The hub does not know the position of a checkpoint, and the configuration says that this must end the reading. */
export class CheckpointInvalid extends AppError {
  readonly code = "CHECKPOINT_INVALID";
  readonly disposition = "stop";
}

const REFUSALS: readonly { readonly pattern: RegExp; readonly advice: string }[] = [
  {
    pattern: /Unauthorized|InvalidSignature|401|ExpiredToken|put-token/i,
    advice:
      "the hub refused the key; copy hub_connection_string again from the hub's shared access policy (claim Listen), or give the identity the role Azure Event Hubs Data Receiver",
  },
  {
    pattern: /MessagingEntityNotFound|not-found|could not be found|404/i,
    advice: "the hub or its consumer group does not exist; check hub_name and hub_consumer_group",
  },
];

/** Says what an error of the hub or the SDK means and what to do about it. */
export function explainHubError(thrown: unknown): HubUnreachable | HubRefused {
  const { code, condition } = (thrown ?? {}) as { code?: unknown; condition?: unknown };
  const text = `${String(code ?? "")} ${String(condition ?? "")} ${messageOf(thrown)}`;
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(text));
  if (refusal !== undefined) {
    return new HubRefused(`${refusal.advice} (${messageOf(thrown)})`, { cause: thrown });
  }
  return new HubUnreachable(`the hub does not answer; retrying (${messageOf(thrown)})`, {
    cause: thrown,
  });
}
