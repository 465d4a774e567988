import { ACCESS_CAUSES } from "./causes-access.ts";
import { NETWORK_CAUSES } from "./causes-network.ts";
import { SERVICE_CAUSES } from "./causes-service.ts";
import type { GuideStep } from "./guide.ts";

/** A known reason for a check to fail or to warn. `{name}` is a place for a value; none of them ever takes a secret. */
export type Cause = {
  readonly status: "failed" | "warning";
  /** One sentence: what is wrong. */
  readonly cause: string;
  /** One sentence: what to do. */
  readonly fix: string;
  /** Unless it is that of the check. */
  readonly guideStep?: GuideStep;
};

/** Every cause and fix; docs/troubleshooting.md is generated from this. */
export const CAUSES = { ...ACCESS_CAUSES, ...NETWORK_CAUSES, ...SERVICE_CAUSES } as const satisfies Record<
  string,
  Cause
>;

export type CauseId = keyof typeof CAUSES;

/** Puts the values into a sentence's places. */
export function fill(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}
