import { expect, test } from "vitest";
import { StageFailure } from "../../../src/ecs/contract/stage.ts";
import { Fault } from "../../../src/ecs/contract/value.ts";
import { parseXml } from "../../../src/ecs/stages/xml-tree.ts";
import { render } from "../support/evaluate.ts";

test.each([
  { name: "many elements", xml: `<r>${"<a/>".repeat(60_000)}</r>` },
  { name: "many attributes", xml: `<r ${Array.from({ length: 60_000 }, (_, i) => `a${i}=""`).join(" ")}/>` },
  { name: "a long text", xml: `<r>${"x".repeat(2_000_000)}</r>` },
])("XML with $name is refused with the bound", ({ xml }) => {
  const result = parseXml(xml);
  expect(result).toBeInstanceOf(StageFailure);
  expect(result instanceof StageFailure ? result.reason : "").toMatch(/more than 50000|longer than 1048576/);
});

test.each([
  { name: "long", pattern: "[a-z]".repeat(1_000) },
  { name: "large once its repeats are written out", pattern: "(?:\\p{L}{100}){20}" },
])("a pattern of an event that is $name is refused", ({ pattern }) => {
  expect(render("{{ text | re_search(pattern) }}", { text: "a", pattern })).toBeInstanceOf(Fault);
});
