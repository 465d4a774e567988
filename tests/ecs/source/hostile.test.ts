import process from "node:process";
import { expect, test } from "vitest";
import { compileFormat } from "../../../src/ecs/engine.ts";

const TIMES = 50_000;
const nine = (name: string, of: string): string => `${name}: &${name} [${`${of},`.repeat(9)}]`;

function formatOf(value: string): string {
  return `name: a\npipeline: [{ name: s }]\nstages: { s: { actions: [{ set: { event.kind: ${value} } }] } }\n`;
}

test.each([
  { name: "lists inside lists", text: "[".repeat(TIMES) },
  { name: "maps inside maps", text: "{a: ".repeat(TIMES) },
  { name: "lists of dashes", text: "- ".repeat(TIMES) },
  { name: "maps of colons", text: ": ".repeat(TIMES) },
  { name: "quotes", text: '"'.repeat(TIMES) },
  { name: "anchors", text: "&a ".repeat(TIMES / 5) },
  { name: "many aliases", text: `x: &x 1\ny: [${"*x,".repeat(TIMES / 5)}]` },
  {
    name: "aliases that stand for billions",
    text: [
      nine("a", "x"),
      nine("b", "*a"),
      nine("c", "*b"),
      nine("d", "*c"),
      nine("e", "*d"),
      nine("f", "*e"),
      nine("g", "*f"),
    ].join("\n"),
  },
  { name: "an alias of itself", text: "name: &a [*a]\npipeline: *a" },
  { name: "documents", text: "---\n".repeat(TIMES) },
  { name: "names that nothing defines", text: formatOf(`"${"{{x}}{{y|zz}}".repeat(15_000)}"`) },
  {
    name: "one template of 120,000 items",
    text: `colour: red\n${formatOf(`"{{ [${"1,".repeat(120_000)}1] }}"`)}`,
  },
  { name: "stages that are missing", text: `pipeline: [${"{name: a},".repeat(TIMES / 5)}]` },
  { name: "a long text", text: "a".repeat(1_000_000) },
  { name: "500,000 keys", text: Array.from({ length: 500_000 }, (_, i) => `k${i}: v`).join("\n") },
  { name: "150,000 short values", text: `a: [${"1,".repeat(150_000)}]` },
])("a format file of $name costs little, and is diagnosed", ({ text }) => {
  const started = process.threadCpuUsage().user;
  const { diagnostics } = compileFormat({
    parser: { path: "parser.yml", text },
    fields: [{ path: "fields.yml", text }],
  });
  expect((process.threadCpuUsage().user - started) / 1000).toBeLessThan(3_000);
  expect(diagnostics.length).toBeGreaterThan(0);
});

test.each([
  {
    name: "nesting",
    text: `name: a\npipeline: ${"[".repeat(100)}`,
    message: "values are nested deeper than 64 levels; what follows is left out",
    column: 75,
  },
  {
    name: "a second document",
    text: "name: a\npipeline: []\n---\nname: b\n",
    message: "the file holds several documents",
    column: 1,
  },
])("$name is reported with its place", ({ text, message, column }) => {
  const { diagnostics } = compileFormat({ parser: { path: "parser.yml", text }, fields: [] });
  const found = diagnostics.find((diagnostic) => diagnostic.message === message);
  expect(found).toMatchObject({ severity: "error", code: "yaml", span: { file: "parser.yml", column } });
});
