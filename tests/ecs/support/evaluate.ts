import { Names } from "../../../src/ecs/compile/scopes.ts";
import { Functions } from "../../../src/ecs/compile/tables.ts";
import { compileTemplate, guarded } from "../../../src/ecs/compile/template.ts";
import type { Result, Value } from "../../../src/ecs/contract/value.ts";
import { Fault } from "../../../src/ecs/contract/value.ts";
import { FUNCTIONS } from "../../../src/ecs/engine.ts";
import { RunTools } from "../../../src/ecs/run/tools.ts";
import { parseTemplate } from "../../../src/ecs/template/parse-template.ts";
import { fromPlain } from "../../../src/ecs/values/copy.ts";
import { renewVisits } from "../../../src/ecs/values/limits.ts";

const functions = new Functions(FUNCTIONS);

/** Renders a template over layers given as plain JavaScript; a syntax problem is a fault too. */
export function render(template: string, layers: Readonly<Record<string, unknown>> = {}): Result {
  renewVisits();
  const parsed = parseTemplate(template);
  if (parsed.kind === "problem") {
    return new Fault(parsed.problem.message);
  }
  const names = Object.keys(layers);
  const scope = {
    names: new Names(new Map(names.map((name, slot) => [name, slot]))),
    functions,
    report: () => undefined,
  };
  const evaluate = guarded(compileTemplate(parsed.body, scope));
  const values: Value[] = names.map((name) => fromPlain(layers[name]));
  const tools = new RunTools(FUNCTIONS);
  tools.begin(Date.UTC(2026, 0, 1));
  return evaluate({ layers: values, locals: [], tools });
}
