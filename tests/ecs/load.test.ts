import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileFormat, findFormats, loadFormat, toPlain } from "../../src/ecs/index.ts";

const FILES = {
  "ingest/parser.yml":
    'name: own\npipeline: [{ name: all }]\nstages: { all: { actions: [{ set: { own.a: 1, own.b: "2", own.c: x } }] } }\n',
  "_meta/fields.yml": "own.a: { type: keyword }\n",
  "../_meta/fields.yml": "own.a: { type: long }\nown.b: { type: long }\n",
};

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "load-test-"));
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(root, "module", "own", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  { name: "a folder", source: () => join(root, "module", "own") },
  { name: "texts by the files' names", source: () => FILES },
])("$name is a format; its own fields go before the module's", ({ source }) => {
  const { format, diagnostics } = compileFormat(loadFormat(source()));
  // What no fields.yml declares is dropped, and told.
  expect(diagnostics).toMatchObject([
    { severity: "warning", code: "undeclared-field", hint: "did you mean own.a?" },
  ]);
  const event = format?.parse("e", { now: new Date(0) }).event ?? null;
  expect(toPlain(event)).toEqual({ message: "e", own: { a: "1", b: 2 } });
});

test("formats are found at any depth, and one is a format without its fields", () => {
  expect(findFormats(root)).toEqual([join(root, "module", "own")]);
  expect(loadFormat({ "ingest/parser.yml": "" })).toEqual({
    parser: { path: "ingest/parser.yml", text: "" },
    fields: [],
  });
});

test("what has no parser file is not a format", () => {
  expect(() => loadFormat({ "_meta/fields.yml": "" })).toThrow("the format has no ingest/parser.yml");
  expect(() => loadFormat(root)).toThrow("ENOENT");
});
