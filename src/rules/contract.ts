/** The types that the rule library's rooms share, and that its users see. The rooms meet in `engine.ts` alone. */

import type { Diagnostic, Span } from "../kernel/diagnostic.ts";

export type { Diagnostic, Span };

/**
 * `standard` is the Sigma specification 2.1; `platform` the dialect of the playbook platform's own rules: `re` matches the
 * whole field, keywords look into `message`, correlations are written with `action: correlation`.
 */
export type Dialect = "standard" | "platform";

/** From the least to the most severe. */
export const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;
export type Level = (typeof LEVELS)[number];

/** A file's text; the name is for diagnostics and for telling rules apart. */
export type RuleText = { readonly name: string; readonly text: string };

export type Logsource = {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
};

/** What a rule says of itself. */
export type RuleInfo = {
  readonly kind: "detection" | "correlation" | "indicators";
  /** `name:` of the rule, else its title: unique enough to refer to it. */
  readonly name: string;
  readonly id: string | undefined;
  readonly title: string;
  readonly level: Level;
  readonly status: string | undefined;
  readonly description: string | undefined;
  readonly author: string | undefined;
  readonly date: string | undefined;
  /** How hard the rule is to put to use: elementary, intermediate, advanced, master. */
  readonly effort: string | undefined;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  /** Fields that an analyst wants to see beside the alert. */
  readonly fields: readonly string[];
  readonly logsource: Logsource;
  /** The text that it came in. */
  readonly file: string;
  /** False for a rule that only feeds correlations: it matches, and makes no alert of its own. */
  readonly isAlerting: boolean;
};

/** An event as a plain object. A field is looked up by its path and by its flat dotted key. */
export type RuleEvent = Readonly<Record<string, unknown>>;

export type MatchedField = { readonly field: string; readonly value: string };

/** What a correlation found besides the event that completed it. */
export type CorrelationFinding = {
  readonly group: readonly MatchedField[];
  /** The count, sum or average that the condition was held against; for temporal ones how many rules were seen. */
  readonly value: number;
  readonly events: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** `reference` of the newest events that took part, 20 at most, oldest first. */
  readonly references: readonly string[];
};

export type IndicatorFinding = {
  /** The STIX id, or file and line of a CSV file. */
  readonly id: string;
  readonly type: string;
  readonly value: string;
  readonly labels: readonly string[];
  readonly validUntil: string | undefined;
};

/** A rule that fired. */
export type RuleMatch = {
  readonly rule: RuleInfo;
  /** The rule's level, but for indicators, which bring their own. */
  readonly level: Level;
  /** Names of the selections that hold. */
  readonly selections: readonly string[];
  /** The fields that made it fire. */
  readonly fields: readonly MatchedField[];
  readonly correlation?: CorrelationFinding;
  readonly indicator?: IndicatorFinding;
};

/** A field that made a rule fire, and the place of the rule that asks for it. */
export type MatchPlace = MatchedField & { readonly selection: string; readonly line: number | undefined };

export type CompileOptions = {
  readonly dialect: Dialect;
  /** Values of `%name%` under the modifier `expand`. */
  readonly placeholders?: Readonly<Record<string, readonly string[]>>;
};

export type MatchOptions = {
  /** Validity of indicators is judged by it, and it stands in for an event that has no `@timestamp`. */
  readonly now: Date;
  /** Where the event comes from, if known: rules of other sources are left out. Unset parts exclude nothing. */
  readonly logsource?: Logsource;
  /** What the rules of kind `indicators` look for. */
  readonly indicators?: Indicators;
};

export type CorrelateOptions = MatchOptions & {
  /** The caller's name for the event, handed back in `references`. */
  readonly reference?: string;
};

export type CorrelatorOptions = {
  /** Groups that a correlation remembers at most; the one unused for longest goes first. */
  readonly maxGroups?: number;
};

export type CorrelatorStatistics = {
  readonly groups: number;
  /** Groups that were forgotten since there were too many. */
  readonly droppedGroups: number;
  /** Remembered events that were forgotten since a group had too many. */
  readonly droppedEvents: number;
  /** Events older than their group's window when they came. */
  readonly lateEvents: number;
};

/** Remembers events for the rules that need more than one. Its state is bounded. */
export type Correlator = {
  /** @returns What the event makes fire: detections, indicators and correlations; only rules that alert. */
  take(event: RuleEvent, options: CorrelateOptions): RuleMatch[];
  statistics(): CorrelatorStatistics;
};

export type Rules = {
  /** Every rule that compiled. */
  readonly infos: readonly RuleInfo[];
  /**
   * What one event makes fire by itself. Rules that only feed correlations are among them (`rule.isAlerting` is false).
   * Never throws, whatever the event.
   */
  match(event: RuleEvent, options: MatchOptions): RuleMatch[];
  correlator(options?: CorrelatorOptions): Correlator;
};

export type IndicatorMatch = { readonly level: Level; readonly field: MatchedField } & IndicatorFinding;

/** Indicators of compromise, ready to be looked up. */
export type Indicators = {
  readonly size: number;
  match(event: RuleEvent, options: { readonly now: Date }): IndicatorMatch[];
  /** Those that `earlier` does not hold: what events already stored are to be tried with. */
  without(earlier: Indicators): Indicators;
  /** For `without`. */
  has(id: string): boolean;
};

/** What an alert is about: the same rule and the same entity are the same alert while it is open. */
export type SimilarityEntity = {
  readonly kind: "user" | "host" | "address" | "none";
  /** Equal for similar events; empty for none. */
  readonly value: string;
};
