import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openSources, readJsonFile } from "../../../src/platform/config/sources.ts";
import { ConfigurationInvalid } from "../../../src/platform/errors.ts";
import { folderWith } from "../support/folder.ts";

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationInvalid) {
      return error.problems;
    }
    throw error;
  }
  return [];
};

test.each([
  {
    name: "a file wins over a variable",
    files: { token: "of the file" },
    env: { TOKEN: "of the variable" },
    text: "of the file",
  },
  {
    name: "a variable stands in for a file",
    files: {},
    env: { TOKEN: "of the variable" },
    text: "of the variable",
  },
  {
    name: "white space around a value is not a part of it",
    files: { token: "\ufeff  value \r\n" },
    env: {},
    text: "value",
  },
  { name: "an empty variable counts as absent", files: {}, env: { TOKEN: "  " }, text: undefined },
  { name: "an empty file counts as absent", files: { token: "\n" }, env: { TOKEN: "value" }, text: "value" },
])("text: $name", ({ files, env, text }) => {
  expect(openSources(env, folderWith(files)).text("token")?.value).toBe(text);
});

test("text: a folder of that name is not a value, and a folder that does not exist holds none", () => {
  const folder = folderWith({});
  mkdirSync(join(folder, "token"));
  expect(openSources({}, folder).text("token")).toBeUndefined();
  expect(openSources({}, join(folder, "nowhere")).text("token")).toBeUndefined();
});

test("json: the place of a value is reported as a person would look for it", () => {
  const folder = folderWith({ trigger_configuration: "{}" });
  expect(openSources({}, folder).json("trigger_configuration")?.where).toBe(
    `file ${folder}/trigger_configuration`,
  );
  expect(openSources({ MODULE_CONFIGURATION: "{}" }, folder).json("module_configuration")?.where).toBe(
    "environment variable MODULE_CONFIGURATION",
  );
});

test("json: a variable holds JSON or base64 of JSON, and both give the same", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object);
      const values = [
        text,
        Buffer.from(text).toString("base64"),
        Buffer.from(text).toString("base64url"),
      ].map(
        (variable) =>
          openSources({ TRIGGER_CONFIGURATION: variable }, "/nowhere").json("trigger_configuration")?.value,
      );
      expect(values).toEqual(Array.from({ length: 3 }, () => JSON.parse(text)));
    }),
  );
});

test.each([
  {
    name: "broken JSON of a variable",
    read: () => openSources({ TRIGGER_CONFIGURATION: '{"key": "secret-value' }, "/nowhere"),
    place: "environment variable TRIGGER_CONFIGURATION is not JSON",
  },
  {
    name: "base64 of no JSON",
    read: () =>
      openSources({ TRIGGER_CONFIGURATION: Buffer.from("secret-value {").toString("base64") }, "/nowhere"),
    place: "environment variable TRIGGER_CONFIGURATION, read as base64, is not JSON",
  },
  {
    name: "base64 in a file",
    read: () => openSources({}, folderWith({ trigger_configuration: "e30=" })),
    place: "/trigger_configuration is not JSON",
  },
])("json: $name is reported with its place and without its text", ({ read, place }) => {
  const sources = read();
  const [problem = ""] = problemsOf(() => sources.json("trigger_configuration"));
  expect(problem).toContain(place);
  expect(problem).toContain('{"hub_name": "security-logs"}');
  expect(problem).not.toContain("secret-value");
});

test("a file that cannot be read is named, with what to do", () => {
  const folder = folderWith({ token: "value" });
  expect(problemsOf(() => readJsonFile(join(folder, "nothing.json")))[0]).toContain(
    "cannot be read (ENOENT)",
  );
  if (process.getuid?.() !== 0) {
    chmodSync(join(folder, "token"), 0);
    expect(problemsOf(() => openSources({}, folder).text("token"))[0]).toContain("cannot be read (EACCES)");
  }
});
