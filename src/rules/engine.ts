/** The one place where the rooms meet: texts → rules, and event → what fires. */
import { compileSources } from "./compile/index.ts";
import type {
  CompileOptions,
  CorrelateOptions,
  Correlator,
  CorrelatorOptions,
  Diagnostic,
  Indicators,
  MatchOptions,
  MatchPlace,
  RuleEvent,
  RuleMatch,
  Rules,
  RuleText,
  SimilarityEntity,
} from "./contract.ts";
import { Correlations, entityOf, type ReadField } from "./correlate/index.ts";
import { FIELDS_OF_KIND, readIndicatorSet } from "./indicators/index.ts";
import { EventFields, FieldNames, type Firing, Matcher } from "./match/index.ts";
import { placesOf, readRules } from "./source/index.ts";
import type { CompiledRules } from "./syntax.ts";
import { parseTime } from "./values/time.ts";

/** How far the time of an event may lie ahead; a wrong clock would make all other events late. */
const MAX_AHEAD_MS = 300_000;
const TIMESTAMP = "@timestamp";
const ENTITY_FIELDS = ["user.name", "host.name", "source.ip", "destination.ip"];

/** @returns The rules that are sound, and every problem of the texts; a rule that does not compile is left out. */
export function compileRules(
  texts: readonly RuleText[],
  options: CompileOptions,
): { rules: Rules; diagnostics: Diagnostic[] } {
  const files = texts.map((text) => readRules(text, options.dialect));
  const { rules, diagnostics } = compileSources(
    files.flatMap(({ sources }) => sources),
    options,
  );
  return {
    rules: new RuleSet(rules),
    diagnostics: [...files.flatMap((file) => file.diagnostics), ...diagnostics],
  };
}

/** @returns The indicators of STIX 2.1 bundles and CSV files; one that cannot be used is reported and left out. */
export function compileIndicators(texts: readonly RuleText[]): {
  indicators: Indicators;
  diagnostics: Diagnostic[];
} {
  return readIndicatorSet(texts, (event) => {
    const fields = new EventFields(event, INDICATOR_NAMES);
    return (field) => fields.get(INDICATOR_NAMES.get(field) ?? -1)?.texts ?? [];
  });
}

/** What alerts about the event are to be joined by. */
export function similarityEntity(event: RuleEvent): SimilarityEntity {
  return entityOf(readerOf(event, ENTITY_NAMES));
}

/** Where in the rule's text stands what made it fire. */
export function explainMatch(text: RuleText, match: RuleMatch): MatchPlace[] {
  const { rule, selections, fields } = match;
  return placesOf(text, rule.id ?? rule.name, selections, fields);
}

const ENTITY_NAMES = namesOf(ENTITY_FIELDS);
const INDICATOR_NAMES = namesOf([...FIELDS_OF_KIND.values()].flat());

class RuleSet implements Rules {
  readonly infos: Rules["infos"];
  readonly #compiled: CompiledRules;
  readonly #matcher: Matcher;

  constructor(compiled: CompiledRules) {
    const { detections, correlations, indicators } = compiled;
    this.#compiled = compiled;
    this.#matcher = new Matcher(detections);
    this.infos = [
      ...detections.map(({ info }) => info),
      ...correlations.map(({ info }) => info),
      ...indicators,
    ];
  }

  match(event: RuleEvent, options: MatchOptions): RuleMatch[] {
    const firings = this.#matcher.match(event, options.logsource);
    return [...firings.map((firing) => this.#matchOf(firing)), ...this.#indicatorMatches(event, options)];
  }

  correlator(options: CorrelatorOptions = {}): Correlator {
    const { correlations, detections } = this.#compiled;
    const names = namesOf([
      TIMESTAMP,
      ...correlations.flatMap(({ groupBy, valueFields }) => [
        ...valueFields,
        ...groupBy.flatMap(({ name, fields }) => [name, ...fields]),
      ]),
    ]);
    const state = new Correlations(correlations, detections.length, options);
    return {
      take: (event: RuleEvent, taken: CorrelateOptions) => this.#take(event, taken, state, names),
      statistics: () => state.statistics(),
    };
  }

  #take(event: RuleEvent, options: CorrelateOptions, state: Correlations, names: FieldNames): RuleMatch[] {
    const firings = this.#matcher.match(event, options.logsource);
    const matches = [
      ...firings.map((firing) => this.#matchOf(firing)),
      ...this.#indicatorMatches(event, options),
      ...this.#correlate(event, options, firings, state, names),
    ];
    return matches.filter(({ rule }) => rule.isAlerting);
  }

  #correlate(
    event: RuleEvent,
    { now, reference }: CorrelateOptions,
    firings: readonly Firing[],
    state: Correlations,
    names: FieldNames,
  ): RuleMatch[] {
    const { correlations } = this.#compiled;
    if (firings.length === 0 || correlations.length === 0) {
      return [];
    }
    const read = readerOf(event, names);
    const nowMs = now.getTime();
    const timeMs = Math.min(parseTime(read(TIMESTAMP) ?? "") ?? nowMs, nowMs + MAX_AHEAD_MS);
    const fired = firings.map(({ rule }) => rule);
    return state.take({ fired, timeMs, reference, read }).flatMap(({ correlation, finding }) => {
      const info = correlations[correlation]?.info;
      if (info === undefined) {
        return [];
      }
      return [{ rule: info, level: info.level, selections: [], fields: finding.group, correlation: finding }];
    });
  }

  #matchOf({ rule, selections, fields }: Firing): RuleMatch {
    const info = this.#compiled.detections[rule]?.info;
    if (info === undefined) {
      throw new Error(`no rule has the number ${rule}`);
    }
    return { rule: info, level: info.level, selections, fields };
  }

  #indicatorMatches(event: RuleEvent, { indicators, now }: MatchOptions): RuleMatch[] {
    const [rule] = this.#compiled.indicators;
    if (rule === undefined || indicators === undefined) {
      return [];
    }
    return indicators.match(event, { now }).map(({ level, field, ...indicator }) => {
      return { rule, level, selections: [], fields: [field], indicator };
    });
  }
}

function namesOf(fields: readonly string[]): FieldNames {
  const names = new FieldNames();
  for (const field of fields) {
    names.add(field);
  }
  return names;
}

/** A field with several values reads as the list of them. */
function readerOf(event: RuleEvent, names: FieldNames): ReadField {
  const fields = new EventFields(event, names);
  return (field) => {
    const index = names.get(field);
    const texts = index === undefined ? undefined : fields.get(index)?.texts;
    return texts === undefined || texts.length === 0
      ? undefined
      : texts.length === 1
        ? texts[0]
        : JSON.stringify(texts);
  };
}
