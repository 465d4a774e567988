/** Every rule for every event, by the meaning of its condition alone: what the index must agree with, and be faster than. */
import { compileSources } from "../../../src/rules/compile/index.ts";
import type { CompileOptions, RuleEvent, RuleText } from "../../../src/rules/contract.ts";
import { EventFields, FieldNames } from "../../../src/rules/match/event.ts";
import { passes } from "../../../src/rules/match/test.ts";
import { readRules } from "../../../src/rules/source/index.ts";
import type { Condition } from "../../../src/rules/syntax.ts";

export type NaiveRules = { match(event: RuleEvent): string[] };

/** @returns A matcher that gives the titles of the detections that fire. */
export function compileNaively(texts: readonly RuleText[], options: CompileOptions): NaiveRules {
  const sources = texts.flatMap((text) => readRules(text, options.dialect).sources);
  const { detections } = compileSources(sources, options).rules;
  const names = new FieldNames();
  for (const { condition } of detections) {
    addFields(condition, names);
  }
  return {
    match(event) {
      const fields = new EventFields(event, names);
      return detections
        .filter(({ condition }) => holds(condition, fields, names))
        .map(({ info }) => info.title);
    },
  };
}

function addFields(condition: Condition, names: FieldNames): void {
  if (condition.kind === "leaf") {
    names.add(condition.field ?? "");
    if (condition.test.kind === "field") {
      names.add(condition.test.other);
    }
    return;
  }
  for (const below of Array.isArray(condition.of) ? condition.of : [condition.of]) {
    addFields(below, names);
  }
}

function holds(condition: Condition, fields: EventFields, names: FieldNames): boolean {
  switch (condition.kind) {
    case "leaf": {
      const { field, test } = condition;
      const values = field === undefined ? fields.all() : fields.get(names.get(field) ?? -1);
      const other = test.kind === "field" ? fields.get(names.get(test.other) ?? -1) : undefined;
      return passes(test, values, other);
    }
    case "and":
      return condition.of.every((each) => holds(each, fields, names));
    case "or":
      return condition.of.some((each) => holds(each, fields, names));
    case "not":
      return !holds(condition.of, fields, names);
    case "selection":
      return holds(condition.of, fields, names);
  }
}
