/** The rule library: ECS events against Sigma rules. */
export { type RuleFileResult, type RuleTestResult, testRules } from "./conformance.ts";
export type {
  CompileOptions,
  CorrelateOptions,
  CorrelationFinding,
  Correlator,
  CorrelatorOptions,
  CorrelatorStatistics,
  Diagnostic,
  Dialect,
  IndicatorFinding,
  IndicatorMatch,
  Indicators,
  Level,
  Logsource,
  MatchedField,
  MatchOptions,
  MatchPlace,
  RuleEvent,
  RuleInfo,
  RuleMatch,
  Rules,
  RuleText,
  SimilarityEntity,
  Span,
} from "./contract.ts";
export { compileIndicators, compileRules, explainMatch, similarityEntity } from "./engine.ts";
export { fingerprintOf, loadIndicators, loadRules, loadTests } from "./load.ts";
