import type { ServerResponse } from "node:http";

/** What the intake answers to events. */
export type EventsAnswer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request that brings events. */
export type Exchange = {
  /** Unpacked. */
  readonly body: Buffer;
  readonly response: ServerResponse;
  /** Takes the events as usual. */
  accept(): EventsAnswer;
};

/** Stands between requests and their answers. Nothing here makes anything fail; tests do. */
export type Interference = {
  /** Why a single event is rejected; undefined without a rule. */
  readonly reasonOf: ((raw: string) => string | undefined) | undefined;
  /** @returns the answer, or "answered" when `response` is dealt with. */
  meet(exchange: Exchange): Promise<EventsAnswer | "answered">;
};

export const NO_INTERFERENCE: Interference = {
  reasonOf: undefined,
  meet: async ({ accept }) => accept(),
};
