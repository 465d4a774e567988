/** Stages build only what a format reads; nothing of an event may change by it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileFormat } from "../../../src/ecs/engine.ts";
import { findFormats, loadFormat } from "../../../src/ecs/load.ts";
import { toJson } from "../../../src/ecs/values/json-text.ts";
import { corpusFolder } from "../../conformance/corpus.ts";
import { fieldsOf, formatWith, NOW } from "../support/format.ts";

const EVENT = {
  name: "ann",
  more: { id: 7, whole: 1.0, list: [{ a: 1 }, { a: 2 }], 10: "ten", empty: {} },
  items: [1, 2],
};

test.each([
  { template: "{{j.message.more.id}}", expected: "7" },
  { template: "{{j.message['name']}}", expected: "ann" },
  { template: "{{j.message.get('more').get('id')}}", expected: "7" },
  { template: "{{j.message.get('none', j.message.name)}}", expected: "ann" },
  { template: "{{j.message.more.list[0].a}}", expected: "1" },
  { template: "{{j.message.more.list.0.a}} ", expected: "1 " },
  { template: "{{j.message.more | length}}", expected: "5" },
  { template: "{{j.message.more.keys() | join(',')}}", expected: "10,id,whole,list,empty" },
  { template: "{% set m = j.message %}{{m.more.id}}", expected: "7" },
  { template: "{% for k, v in j.message.items() %}{{k}},{% endfor %}", expected: "name,more,items," },
  { template: "{{j.message[j.message.name]}}", expected: undefined },
  { template: "{{'yes' if j.message.more is defined else 'no'}}", expected: "yes" },
  { template: "{{'yes' if j.message.more.empty is none else 'no'}}", expected: "no" },
  { template: "{{'yes' if j.message.more else 'no'}}", expected: "yes" },
  { template: "{{'yes' if j.message != None and j.message.more.empty != None else 'no'}}", expected: "yes" },
  { template: "{{'yes' if None == j.message.more or j.message.gone == None else 'no'}}", expected: "no" },
  { template: "{{j.message.items | last}}", expected: "2" },
])("$template is $expected, whether or not all is built", ({ template, expected }) => {
  const format = formatWith(`- set: { x.text: "${template}" }`);
  const text = JSON.stringify(EVENT);
  for (const trace of [false, true]) {
    expect(fieldsOf(format.parse(text, { now: NOW, trace }))).toEqual(
      expected === undefined ? {} : { x: { text: expected } },
    );
  }
});

const folder = corpusFolder();

// The corpus is not part of the project; without it there is nothing to compare.
test.runIf(folder !== undefined)(
  "the public events come out the same when a trace asks for all",
  { timeout: 120_000 },
  () => {
    for (const path of findFormats(folder ?? "")) {
      const { format } = compileFormat(loadFormat(path));
      for (const file of readdirSync(join(path, "tests")).filter((name) => name.endsWith(".json"))) {
        const { input } = JSON.parse(readFileSync(join(path, "tests", file), "utf8"));
        const [plain, traced] = [false, true].map((trace) => format?.parse(input, { now: NOW, trace }).event);
        expect(toJson(plain), `${path} ${file}`).toBe(toJson(traced));
      }
    }
  },
);
