import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../kernel/errors.ts";
import type {
  Correlator,
  CorrelatorStatistics,
  Diagnostic,
  Dialect,
  Indicators,
  RuleEvent,
  RuleInfo,
  RuleMatch,
  RuleText,
} from "../../../rules/contract.ts";
import { compileIndicators, compileRules } from "../../../rules/engine.ts";
import { fingerprintOf, loadIndicators, loadRules } from "../../../rules/load.ts";

/** Files of rules that are written in one dialect. Indicators lie in the folder `indicators` below each. */
export type RuleSource = {
  /** Folders or files; one that does not exist yet is read when it does. */
  readonly paths: readonly string[];
  readonly dialect: Dialect;
  /** They come with the product. */
  readonly isBundled?: boolean | undefined;
};

export type DetectionOptions = {
  readonly rules: readonly RuleSource[];
  /** More folders or files of indicators. */
  readonly indicators?: readonly string[] | undefined;
};

export type KnownRule = {
  /** The rule's own id, else its name. */
  readonly id: string;
  readonly info: RuleInfo;
  /** The whole text of its file. */
  readonly text: string;
  readonly dialect: Dialect;
  readonly isBundled: boolean;
};

type RuleSet = { readonly source: RuleSource; readonly texts: readonly RuleText[]; readonly found: Compiled };
type Compiled = {
  readonly correlator: Correlator;
  readonly known: readonly KnownRule[];
  readonly diagnostics: readonly Diagnostic[];
};
type IndicatorSet = {
  readonly texts: readonly RuleText[];
  readonly found: { readonly indicators: Indicators; readonly diagnostics: readonly Diagnostic[] };
};

const TEST_FILE = /\.test\.json$/i;

/** The rules and indicators that events are held against. What changed in their files is read again when it is asked. */
export class Detection {
  readonly #options: DetectionOptions;
  #sets: readonly RuleSet[] = [];
  #indicators: IndicatorSet = { texts: [], found: compileIndicators([]) };
  #known: ReadonlyMap<string, KnownRule> = new Map();
  #fingerprint = "";
  #failed = 0;
  /** Why the files could not be read again; what was read before holds on. */
  problem: string | undefined;

  constructor(options: DetectionOptions) {
    this.#options = options;
    this.refresh();
  }

  get rules(): readonly KnownRule[] {
    return [...this.#known.values()];
  }

  rule(id: string): KnownRule | undefined {
    return this.#known.get(id);
  }

  get indicators(): Indicators {
    return this.#indicators.found.indicators;
  }

  get diagnostics(): readonly Diagnostic[] {
    return [...this.#sets.flatMap(({ found }) => found.diagnostics), ...this.#indicators.found.diagnostics];
  }

  /** What the rules that need several events remember, over all sets of rules. */
  statistics(): CorrelatorStatistics & { readonly failedEvents: number } {
    const sum = { groups: 0, droppedGroups: 0, droppedEvents: 0, lateEvents: 0, failedEvents: this.#failed };
    for (const { found } of this.#sets) {
      const one = found.correlator.statistics();
      sum.groups += one.groups;
      sum.droppedGroups += one.droppedGroups;
      sum.droppedEvents += one.droppedEvents;
      sum.lateEvents += one.lateEvents;
    }
    return sum;
  }

  /** What an event makes fire. It never throws: an event is stored whatever a rule makes of it. */
  take(event: RuleEvent, reference: string, now: Date): readonly RuleMatch[] {
    const { indicators } = this.#indicators.found;
    try {
      return this.#sets.flatMap(({ found }) => found.correlator.take(event, { now, reference, indicators }));
    } catch {
      this.#failed += 1;
      return [];
    }
  }

  /**
   * Reads rules and indicators again if a file was added, changed or removed. A rule set whose texts are the same keeps
   * what its correlations remember.
   * @returns whether anything is new, and the indicators that were not there before.
   */
  refresh(): { readonly isChanged: boolean; readonly newIndicators: Indicators | undefined } {
    const { rules, indicators: more = [] } = this.#options;
    const rulePaths = rules.flatMap(({ paths }) => paths);
    const indicatorPaths = [...rulePaths.map((path) => join(path, "indicators")), ...more];
    try {
      const fingerprint = fingerprintOf([...rulePaths, ...indicatorPaths]);
      if (fingerprint === this.#fingerprint) {
        return { isChanged: false, newIndicators: undefined };
      }
      const sets = rules.map((source, index) => readSet(source, this.#sets[index]));
      const indicators = readIndicators(indicatorPaths, this.#indicators);
      const fresh = indicators.found.indicators.without(this.indicators);
      this.#sets = sets;
      this.#indicators = indicators;
      // Of rules with the same id the first one is shown.
      const known = new Map<string, KnownRule>();
      for (const rule of sets.flatMap(({ found }) => found.known)) {
        if (!known.has(rule.id)) {
          known.set(rule.id, rule);
        }
      }
      this.#known = known;
      this.#fingerprint = fingerprint;
      this.problem = undefined;
      return { isChanged: true, newIndicators: fresh.size > 0 ? fresh : undefined };
    } catch (thrown) {
      const isNew = this.problem !== messageOf(thrown);
      this.problem = messageOf(thrown);
      return { isChanged: isNew, newIndicators: undefined };
    }
  }
}

function readSet(source: RuleSource, earlier: RuleSet | undefined): RuleSet {
  const texts = loadRules(source.paths.filter((path) => existsSync(path)));
  if (earlier !== undefined && isSame(texts, earlier.texts)) {
    return earlier;
  }
  const { rules, diagnostics } = compileRules(texts, { dialect: source.dialect });
  const byFile = new Map(texts.map(({ name, text }) => [name, text]));
  const known = rules.infos.map((info) => ({
    id: info.id ?? info.name,
    info,
    text: byFile.get(info.file) ?? "",
    dialect: source.dialect,
    isBundled: source.isBundled ?? false,
  }));
  return { source, texts, found: { correlator: rules.correlator(), known, diagnostics } };
}

function readIndicators(paths: readonly string[], earlier: IndicatorSet): IndicatorSet {
  const files = loadIndicators(paths.filter((path) => existsSync(path)));
  const texts = files.filter(({ name }) => !TEST_FILE.test(name));
  return isSame(texts, earlier.texts) ? earlier : { texts, found: compileIndicators(texts) };
}

function isSame(texts: readonly RuleText[], others: readonly RuleText[]): boolean {
  return (
    texts.length === others.length &&
    texts.every(({ name, text }, index) => name === others[index]?.name && text === others[index]?.text)
  );
}
