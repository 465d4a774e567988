/** What a format's run can be watched for, besides what it makes of events. */
import type { Span } from "../../kernel/diagnostic.ts";
import type { Condition } from "./program.ts";
import type { StageRunner } from "./stage.ts";

/** An external stage of a pipeline, as the one who watches it names it. */
export type WatchedStage = {
  /** The pipeline item's name. */
  readonly item: string;
  /** Such as `grok.case_match`. */
  readonly stage: string;
  readonly span: Span;
  /** The patterns that an event chooses from, by key; empty for other stages. */
  readonly patterns: readonly { readonly key: string; readonly span: Span }[];
};

/** Given to a format when it is compiled; what it gives back runs in place of what it was given. */
export type Watch = {
  condition(span: Span, holds: Condition): Condition;
  stage(stage: WatchedStage, run: StageRunner): StageRunner;
};
