/** The rule library: ECS events against Sigma rules. */
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
  RuleEvent,
  RuleInfo,
  RuleMatch,
  Rules,
  RuleText,
  SimilarityEntity,
  Span,
} from "./contract.ts";
/*
 * Functions: compileRules(texts, options) → { rules, diagnostics }, compileIndicators(texts) → { indicators, diagnostics },
 * similarityEntity(event) → SimilarityEntity.
 */
