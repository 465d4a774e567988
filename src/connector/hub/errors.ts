import { AppError, messageOf } from "../../kernel/errors.ts";

/** The hub does not answer; the SDK and we try again. */
export class HubUnreachable extends AppError {
  readonly code = "HUB_UNREACHABLE";
  readonly disposition = "retry";
}

/** The hub said no; it is asked again slowly, since somebody may mend it on the other side. */
export class HubRefused extends AppError {
  readonly code = "HUB_REFUSED";
  readonly disposition = "retry";
}

/** Ends the reading of a partition that another consumer of the group has taken over. */
export class OwnershipLost extends AppError {
  readonly code = "OWNERSHIP_LOST";
  readonly disposition = "stop";
}

const REFUSALS: readonly { readonly pattern: RegExp; readonly advice: string }[] = [
  {
    pattern: /Unauthorized|InvalidSignature|401|ExpiredToken|put-token/i,
    advice:
      "the hub refused the key; copy hub_connection_string again from the hub's shared access policy (claim Listen)",
  },
  {
    pattern: /MessagingEntityNotFound|not-found|could not be found|404/i,
    advice: "the hub or its consumer group does not exist; check hub_name and hub_consumer_group",
  },
];

/** Says what an error of the SDK means and what to do about it. */
export function explainHubError(thrown: unknown): HubUnreachable | HubRefused {
  const text = `${(thrown as { code?: unknown } | null)?.code ?? ""} ${messageOf(thrown)}`;
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(text));
  if (refusal !== undefined)
    return new HubRefused(`${refusal.advice} (${messageOf(thrown)})`, { cause: thrown });
  return new HubUnreachable(`the hub does not answer and is tried again (${messageOf(thrown)})`, {
    cause: thrown,
  });
}
