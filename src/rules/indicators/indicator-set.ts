/** Indicators of compromise, looked up by value. */
import type { Diagnostic, IndicatorMatch, Indicators, RuleEvent, RuleText } from "../contract.ts";
import { comparable, FIELDS_OF_KIND } from "./fields.ts";
import { type Indicator, MAX_INDICATORS, readIndicators } from "./read.ts";

/** An indicator counts for some days after its end: what it was found in comes late. */
const GRACE_MS = 5 * 86_400_000;
const MAX_MATCHES = 100;

/** The texts of a field, by the field's name. */
export type ReadTexts = (event: RuleEvent) => (field: string) => readonly string[];

/** Of several texts with the same indicator the one modified last counts; a revoked one matches nothing. */
export function readIndicatorSet(
  files: readonly RuleText[],
  read: ReadTexts,
): { indicators: Indicators; diagnostics: Diagnostic[] } {
  const results = files.map(readIndicators);
  const newest = new Map<string, Indicator>();
  for (const indicator of results.flatMap(({ indicators }) => indicators)) {
    const known = newest.get(indicator.id);
    if (known === undefined || known.modifiedMs <= indicator.modifiedMs) {
      newest.set(indicator.id, indicator);
    }
  }
  const kept = [...newest.values()].filter(({ isRevoked }) => !isRevoked).slice(0, MAX_INDICATORS);
  return {
    indicators: new IndicatorSet(kept, read),
    diagnostics: results.flatMap(({ diagnostics }) => diagnostics),
  };
}

class IndicatorSet implements Indicators {
  readonly #indicators: ReadonlyMap<string, Indicator>;
  readonly #read: ReadTexts;
  /** Kind → value → indicators. */
  readonly #values = new Map<string, Map<string, Indicator[]>>();

  constructor(indicators: readonly Indicator[], read: ReadTexts) {
    this.#indicators = new Map(indicators.map((indicator) => [indicator.id, indicator]));
    this.#read = read;
    for (const indicator of indicators) {
      for (const { kind, value } of indicator.values) {
        const ofKind = this.#values.get(kind) ?? new Map<string, Indicator[]>();
        this.#values.set(kind, ofKind);
        const key = comparable(kind, value);
        const known = ofKind.get(key);
        if (known === undefined) {
          ofKind.set(key, [indicator]);
        } else {
          known.push(indicator);
        }
      }
    }
  }

  get size(): number {
    return this.#indicators.size;
  }

  has(id: string): boolean {
    return this.#indicators.has(id);
  }

  without(earlier: Indicators): Indicators {
    return new IndicatorSet(
      [...this.#indicators.values()].filter(({ id }) => !earlier.has(id)),
      this.#read,
    );
  }

  match(event: RuleEvent, { now }: { readonly now: Date }): IndicatorMatch[] {
    if (this.#values.size === 0) {
      return [];
    }
    const nowMs = now.getTime();
    const texts = this.#read(event);
    const found = new Map<string, IndicatorMatch>();
    for (const [kind, values] of this.#values) {
      for (const field of FIELDS_OF_KIND.get(kind) ?? []) {
        for (const text of texts(field)) {
          for (const indicator of values.get(comparable(kind, text)) ?? []) {
            if (isValid(indicator, nowMs) && !found.has(indicator.id) && found.size < MAX_MATCHES) {
              found.set(indicator.id, matchOf(indicator, field, text));
            }
          }
        }
      }
    }
    return [...found.values()];
  }
}

function isValid({ validFromMs, validUntilMs }: Indicator, nowMs: number): boolean {
  return validFromMs <= nowMs && nowMs < validUntilMs + GRACE_MS;
}

function matchOf(
  { id, type, labels, level, validUntilMs }: Indicator,
  field: string,
  value: string,
): IndicatorMatch {
  const validUntil = Number.isFinite(validUntilMs) ? new Date(validUntilMs).toISOString() : undefined;
  return { id, type, value, labels, level, validUntil, field: { field, value } };
}
