/** What the rooms hand on: YAML with places (source), and rules as trees of tests (compile). */
import type { Regex } from "../ecs/regex/index.ts";
import type { RuleInfo, Span } from "./contract.ts";
import type { Network } from "./values/address.ts";

export type Scalar = string | number | boolean | null;

export type SourceEntry = { readonly key: string; readonly keySpan: Span; readonly value: SourceNode };

export type SourceNode = { readonly span: Span } & (
  | {
      readonly kind: "scalar";
      readonly value: Scalar;
      /** As written, without quotes: what `5.10` or `007` look like. */
      readonly text: string;
      /** Where `length` characters of the text from `offset` on stand in the file. */
      at(offset: number, length: number): Span;
    }
  | { readonly kind: "list"; readonly items: readonly SourceNode[] }
  | { readonly kind: "map"; readonly entries: readonly SourceEntry[] }
);

export type SourceMap = SourceNode & { readonly kind: "map" };

/** One document of a rule file, what it says of itself already read. */
export type RuleSource = {
  readonly span: Span;
  readonly info: RuleInfo;
  readonly body:
    | { readonly kind: "detection"; readonly detection: SourceMap; readonly timezone: SourceNode | undefined }
    | { readonly kind: "correlation"; readonly correlation: SourceMap }
    | { readonly kind: "filter"; readonly filter: SourceMap }
    | { readonly kind: "indicators" };
};

export type TextRelation = "exact" | "prefix" | "suffix" | "contains";
export type NumberRelation = "lt" | "lte" | "gt" | "gte" | "eq";
export type TimePart = "minute" | "hour" | "day" | "week" | "month" | "year" | "day_of_week" | "day_of_year";

/** One question about one value. `folded` texts are compared without case. */
export type Test =
  | {
      readonly kind: "text";
      readonly relation: TextRelation;
      readonly text: string;
      readonly isFolded: boolean;
    }
  | {
      readonly kind: "wildcard";
      /** Between the stars; a null stands for one character of any kind. */
      readonly parts: readonly (readonly (string | null)[])[];
      readonly isFolded: boolean;
    }
  | {
      readonly kind: "regex";
      readonly regex: Regex;
      readonly isWhole: boolean;
      /** A folded text that every match holds; empty if none is known. */
      readonly literal: string;
      readonly source: string;
    }
  | { readonly kind: "number"; readonly relation: NumberRelation; readonly value: number }
  | { readonly kind: "network"; readonly network: Network; readonly source: string }
  /** Any value but null. */
  | { readonly kind: "any" }
  /** The field is there, whatever its value. */
  | { readonly kind: "exists" }
  /** The field is missing, or null. */
  | { readonly kind: "absent" }
  | {
      readonly kind: "field";
      readonly other: string;
      readonly relation: TextRelation;
      readonly isFolded: boolean;
    }
  | {
      readonly kind: "time";
      readonly part: TimePart;
      readonly relation: NumberRelation;
      readonly value: number;
      readonly timezone: string;
    }
  | {
      readonly kind: "timerange";
      readonly fromMinute: number;
      readonly toMinute: number;
      readonly timezone: string;
    };

/** A test of a field; without a field, of every text of the event. */
export type Leaf = { readonly kind: "leaf"; readonly field: string | undefined; readonly test: Test };

export type Condition =
  | Leaf
  | { readonly kind: "and" | "or"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  /** A named part of the detection. */
  | { readonly kind: "selection"; readonly name: string; readonly of: Condition };

export type CompiledDetection = {
  readonly info: RuleInfo;
  readonly condition: Condition;
};

export type CorrelationType =
  | "event_count"
  | "value_count"
  | "temporal"
  | "temporal_ordered"
  | "value_sum"
  | "value_avg";

export type CompiledCorrelation = {
  readonly info: RuleInfo;
  readonly type: CorrelationType;
  /** Indexes of all rules of the set, detections first, then correlations. */
  readonly rules: readonly number[];
  /** For each of the rules the fields of an event that name its group. */
  readonly groupBy: readonly { readonly name: string; readonly fields: readonly string[] }[];
  readonly timespanMs: number;
  /** All must hold; empty for temporal ones. */
  readonly bounds: readonly { readonly relation: NumberRelation | "neq"; readonly value: number }[];
  readonly valueFields: readonly string[];
};

/** A set of rules, ready for the rooms match and correlate. */
export type CompiledRules = {
  readonly detections: readonly CompiledDetection[];
  /** In an order in which each comes after those that it refers to. */
  readonly correlations: readonly CompiledCorrelation[];
  readonly indicators: readonly RuleInfo[];
};
