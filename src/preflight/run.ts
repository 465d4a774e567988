import { messageOf } from "../kernel/errors.ts";
import { CAUSES, type Cause, fill } from "./causes.ts";
import { CheckRun } from "./check-run.ts";
import { CHECKS } from "./checks.ts";
import {
  CHECK_IDS,
  type CheckEnvironment,
  type CheckId,
  type CheckResult,
  type Finding,
  found,
  type GivenSettings,
} from "./contract.ts";
import type { GuideStep } from "./guide.ts";

/** Longer than any single wait within a check. */
const CHECK_MS = 30_000;
/** What a server says may be long, and holds whatever its sender likes. */
const MAX_PLACE_CHARACTERS = 1000;

/**
 * Tries each setting on its own, in the order of `CHECK_IDS`; what depends on a failed check is skipped. Nothing is
 * consumed and no checkpoint changes; a missing container is created, and a small blob written and deleted.
 * @throws the signal's reason once it aborts.
 */
export async function* runChecks(
  settings: GivenSettings,
  environment: CheckEnvironment,
  signal: AbortSignal,
): AsyncGenerator<CheckResult> {
  const run = new CheckRun(settings, environment);
  const lost = new Set<CheckId>();
  try {
    for (const id of CHECK_IDS) {
      const { title, guideStep, needs } = CHECKS[id];
      const missing = needs.find((needed) => lost.has(needed));
      const base = { id, title, guideStep };
      if (missing !== undefined) {
        lost.add(id);
        const root = CHECKS[rootOf(missing, lost)].title;
        const cause = `not tried, since "${root}" failed`;
        yield { ...base, status: "skipped", code: null, detail: null, cause, fix: `fix "${root}" first` };
        continue;
      }
      const finding = await tryCheck(id, run, signal);
      signal.throwIfAborted();
      const result = { ...base, ...told(finding, environment.mask) };
      if (result.status === "failed") {
        lost.add(id);
      }
      yield result;
    }
  } finally {
    await run.close();
  }
}

/** The check that failed by itself and took `id` with it. */
function rootOf(id: CheckId, lost: ReadonlySet<CheckId>): CheckId {
  const needed = CHECKS[id].needs.find((candidate) => lost.has(candidate));
  return needed === undefined ? id : rootOf(needed, lost);
}

async function tryCheck(id: CheckId, run: CheckRun, signal: AbortSignal): Promise<Finding> {
  const deadline = new AbortController();
  const limits = AbortSignal.any([signal, deadline.signal]);
  const cancel = run.environment.clock.after(CHECK_MS, () => deadline.abort());
  const late = new Promise<Finding>((resolve) => {
    const seconds = String(CHECK_MS / 1000);
    limits.addEventListener("abort", () => resolve(found("CHECK_TOO_SLOW", { seconds })), { once: true });
  });
  const trying = CHECKS[id]
    .try(run, limits)
    .catch((thrown: unknown) => found("CHECK_BROKE", { reason: messageOf(thrown) }));
  return Promise.race([trying, late]).finally(cancel);
}

function told(
  finding: Finding,
  mask: (text: string) => string,
): Omit<CheckResult, "id" | "title" | "guideStep"> & { readonly guideStep?: GuideStep } {
  if (finding.kind === "passed") {
    return { status: "passed", code: null, detail: clean(finding.detail, mask), cause: null, fix: null };
  }
  if (finding.kind === "skipped") {
    return { status: "skipped", code: null, detail: null, cause: finding.reason, fix: finding.fix };
  }
  const { status, cause, fix, guideStep }: Cause = CAUSES[finding.cause];
  const places = Object.fromEntries(
    Object.entries(finding.values).map(([name, value]) => [name, clean(value, mask)]),
  );
  return {
    status,
    code: finding.cause,
    detail: null,
    cause: fill(cause, places),
    fix: fill(fix, places),
    ...(guideStep !== undefined && { guideStep }),
  };
}

/** One line without control characters, which could redraw a terminal. */
function clean(text: string, mask: (text: string) => string): string {
  const line = mask(text)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return line.length > MAX_PLACE_CHARACTERS ? `${line.slice(0, MAX_PLACE_CHARACTERS)}…` : line;
}
