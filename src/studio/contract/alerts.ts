import Type, { type Static } from "typebox";
import { Hit } from "./events.ts";
import { AlertLevel, Instant, SourceDiagnostic } from "./shared.ts";

export const Alert = Type.Object({
  id: Type.String(),
  state: Type.Enum(["open", "closed"]),
  level: AlertLevel,
  ruleId: Type.String(),
  rule: Type.String(),
  /** `user.name: Pipin.Saquet`; empty when the rule alone tells alerts apart. */
  entity: Type.String(),
  /** One line: the newest event's description. */
  description: Type.String(),
  firstAt: Instant,
  lastAt: Instant,
  events: Type.Integer(),
});
export type Alert = Static<typeof Alert>;

export const AlertPage = Type.Object({
  /** Newest first. */
  alerts: Type.Array(Alert),
  next: Type.Union([Type.Null(), Type.String()]),
});
export type AlertPage = Static<typeof AlertPage>;

/** A part of the rule that held: its selection, and the field with the value that made it so. */
export const RuleMatch = Type.Object({
  selection: Type.String(),
  field: Type.String(),
  value: Type.String(),
  /** The line of the rule's text; null when unknown. */
  line: Type.Union([Type.Null(), Type.Integer()]),
});
export type RuleMatch = Static<typeof RuleMatch>;

export const AlertDetail = Type.Object({
  alert: Alert,
  /** The rule's YAML. */
  ruleText: Type.String(),
  /** For the newest event. */
  matches: Type.Array(RuleMatch),
  /** The newest 20. */
  events: Type.Array(Hit),
});
export type AlertDetail = Static<typeof AlertDetail>;

export const SetAlert = Type.Object({ state: Alert.properties.state });
export type SetAlert = Static<typeof SetAlert>;

export const Rule = Type.Object({
  id: Type.String(),
  title: Type.String(),
  level: AlertLevel,
  /** `advanced`, `intermediate`, `elementary`, as far as the rule says it; else empty. */
  effort: Type.String(),
  /** ATT&CK techniques, such as `T1553`. */
  techniques: Type.Array(Type.String()),
  isOn: Type.Boolean(),
  /** Alerts that it has raised. */
  alerts: Type.Integer(),
  /** Tests that the rule brings. */
  tests: Type.Integer(),
  isBundled: Type.Boolean(),
});
export type Rule = Static<typeof Rule>;

/** New indicators that are tried on what is stored already. */
const Hunt = Type.Object({
  indicators: Type.Integer(),
  examined: Type.Integer(),
  of: Type.Integer(),
  hits: Type.Integer(),
  isRunning: Type.Boolean(),
});

export const RuleList = Type.Object({
  rules: Type.Array(Rule),
  /** What is wrong with rules and indicators; what is sound works. */
  diagnostics: Type.Array(SourceDiagnostic),
  indicators: Type.Integer(),
  hunt: Type.Union([Type.Null(), Hunt]),
  /** Where own rules go; null when nothing is kept. */
  folder: Type.Union([Type.Null(), Type.String()]),
});
export type RuleList = Static<typeof RuleList>;

export const RuleDetail = Type.Object({
  rule: Rule,
  text: Type.String(),
  diagnostics: Type.Array(SourceDiagnostic),
});
export type RuleDetail = Static<typeof RuleDetail>;

export const RuleTests = Type.Object({
  results: Type.Array(Type.Object({ name: Type.String(), isPassed: Type.Boolean(), detail: Type.String() })),
});
export type RuleTests = Static<typeof RuleTests>;

/** A rule that is tried on events of a period, the newest first, and raises nothing. */
export const TryRule = Type.Object({
  text: Type.String({ maxLength: 200_000 }),
  dialect: Type.Enum(["platform", "standard"]),
  /** As in a search. */
  period: Type.String(),
});
export type TryRule = Static<typeof TryRule>;

/** How far a trial has come; asked for again while it is running. */
export const RuleTrial = Type.Object({
  id: Type.String(),
  state: Type.Enum(["running", "done", "stopped"]),
  diagnostics: Type.Array(SourceDiagnostic),
  /** Events looked at so far; the newest first, but for a rule that needs several events. */
  examined: Type.Integer(),
  /** Events to look at: those of the period, bounded. */
  of: Type.Integer(),
  /** Whether the period holds no more events than that. */
  isWhole: Type.Boolean(),
  /** Events hit, of those looked at. */
  total: Type.Integer(),
  /** The newest 100 of them. */
  hits: Type.Array(Hit),
  /** Of the newest hit. */
  matches: Type.Array(RuleMatch),
  tookMs: Type.Number(),
});
export type RuleTrial = Static<typeof RuleTrial>;
