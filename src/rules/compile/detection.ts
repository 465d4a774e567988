/** A detection: its selections and how the condition joins them. */
import type { Span } from "../contract.ts";
import type { Condition, SourceMap, SourceNode } from "../syntax.ts";
import { parseCondition } from "./condition.ts";
import { compileItem, type ItemContext, oneOf } from "./item.ts";
import { RuleProblem } from "./problem.ts";

/** Entries that are not selections; `timeframe` belonged to pipe aggregations, `rules` belongs to filters. */
const NO_SELECTIONS: ReadonlySet<string> = new Set(["condition", "timeframe", "rules"]);

/** @throws RuleProblem for the first thing that is wrong. */
export function compileDetection(detection: SourceMap, context: ItemContext): Condition {
  const selections = new Map<string, Condition>();
  for (const { key, keySpan, value } of detection.entries) {
    if (!NO_SELECTIONS.has(key)) {
      const of = compileSelection(value, keySpan, context);
      selections.set(key, { kind: "selection", name: key, of });
    }
  }
  const condition = detection.entries.find(({ key }) => key === "condition")?.value;
  const texts = condition?.kind === "list" ? condition.items : condition === undefined ? [] : [condition];
  if (texts.length === 0) {
    const message = "the detection has no condition";
    throw new RuleProblem(
      "condition",
      message,
      "add `condition:`, such as `condition: selection`",
      detection.span,
    );
  }
  return oneOf(
    "or",
    texts.map((text) => {
      if (text.kind !== "scalar" || text.value === null) {
        throw new RuleProblem(
          "condition",
          "a condition is a text",
          "write one such as `selection`",
          text.span,
        );
      }
      return parseCondition(text, selections);
    }),
  );
}

function compileSelection(value: SourceNode, span: Span, context: ItemContext): Condition {
  if (value.kind === "map") {
    return compileMap(value, context);
  }
  if (value.kind === "scalar") {
    return compileItem("", span, value, context);
  }
  if (value.items.length === 0) {
    throw new RuleProblem("value", "the selection is empty", "add fields or keywords", span);
  }
  return oneOf(
    "or",
    value.items.map((item) => compileSelection(item, item.span, context)),
  );
}

function compileMap(map: SourceMap, context: ItemContext): Condition {
  if (map.entries.length === 0) {
    throw new RuleProblem("value", "the selection is empty", "add fields or keywords", map.span);
  }
  return oneOf(
    "and",
    map.entries.map(({ key, keySpan, value }) => compileItem(key, keySpan, value, context)),
  );
}
