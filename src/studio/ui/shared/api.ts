import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
} from "@tanstack/react-query";
import type { Problem } from "../../contract/shared.ts";
import type { AnswerOf, BodyOf, QueryOf, RouteName } from "../../contract.ts";

export type Parameters = Readonly<Record<string, string>>;

/** What the server said in place of an answer; its message is a sentence for a person. */
export class Refused extends Error {
  readonly code: Problem["error"]["code"];
  readonly position: number | undefined;
  constructor(error: Problem["error"]) {
    super(error.message);
    this.code = error.code;
    this.position = error.position;
  }
}

const UNREACHABLE =
  "The studio does not answer. See whether its command still runs; this page tries again by itself.";
const FORBIDDEN =
  "The studio does not know this browser. Open the address that its command printed, with the token.";

/** @throws Refused where there is no answer of the route's type. */
export async function call<Name extends RouteName>(
  name: Name,
  {
    at = {},
    query,
    body,
    signal,
  }: { at?: Parameters; query?: QueryOf<Name>; body?: BodyOf<Name>; signal?: AbortSignal } = {},
): Promise<AnswerOf<Name>> {
  const [method = "GET"] = name.split(" ");
  const answer = await fetch(addressOf(name, at, query as Readonly<Record<string, unknown>> | undefined), {
    method,
    ...(method === "GET"
      ? {}
      : { body: JSON.stringify(body ?? {}), headers: { "content-type": "application/json" } }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    if (signal?.aborted) {
      throw cause;
    }
    throw new Refused({ code: "failed", message: UNREACHABLE });
  });
  const value: unknown = await answer.json().catch(() => null);
  if (!answer.ok) {
    const { error } = (value ?? {}) as Partial<Problem>;
    if (error !== undefined) {
      throw new Refused(error);
    }
    throw new Refused(
      answer.status === 403
        ? { code: "forbidden", message: FORBIDDEN }
        : {
            code: "failed",
            message: `The studio answered with HTTP ${answer.status}. See its command's output.`,
          },
    );
  }
  return value as AnswerOf<Name>;
}

/** `GET /api/runs/:id` with its parameters and query, as an address. */
export function addressOf(
  name: string,
  at: Parameters = {},
  query?: Readonly<Record<string, unknown>>,
): string {
  const path = name
    .slice(name.indexOf(" ") + 1)
    .replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(at[key] ?? ""));
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== "") {
      parameters.set(key, String(value));
    }
  }
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}

type GetName = Extract<RouteName, `GET ${string}`>;
type CommandName = Exclude<RouteName, GetName>;

/** The key under which an answer is kept; its first part is the route, so that a stream can renew all answers of one. */
export function keyOf(name: RouteName, at: Parameters = {}, query: object = {}): readonly unknown[] {
  return [name, at, query];
}

/** The answer of a GET, kept and renewed. */
export function useApi<Name extends GetName>(
  name: Name,
  { at = {}, query, isIdle = false }: { at?: Parameters; query?: QueryOf<Name>; isIdle?: boolean } = {},
): UseQueryResult<AnswerOf<Name>, Error> {
  return useQuery<AnswerOf<Name>, Error>({
    queryKey: keyOf(name, at, query as object),
    queryFn: ({ signal }) => call(name, { at, signal, ...(query === undefined ? {} : { query }) }),
    enabled: !isIdle,
    placeholderData: keepPreviousData as never,
  });
}

/** A command that a person gives. */
export function useCommand<Name extends CommandName>(
  name: Name,
  whenDone?: (answer: AnswerOf<Name>) => unknown,
): UseMutationResult<AnswerOf<Name>, Error, { at?: Parameters; body?: BodyOf<Name> }> {
  return useMutation({
    mutationFn: (what: { at?: Parameters; body?: BodyOf<Name> }) => call(name, what),
    ...(whenDone === undefined ? {} : { onSuccess: whenDone }),
  });
}
