import { expect, test } from "vitest";
import { readCsv } from "../../../scripts/csv.ts";
import { fieldsModule } from "../../../scripts/data-modules.ts";
import { readEcsTable, readPlatformTable } from "../../../scripts/field-tables.ts";
import { requiredLiteralsOf } from "../../../scripts/required-literals.ts";
import { compactUserAgentRules } from "../../../scripts/user-agent-rules.ts";
import { ECS_FIELDS, ECS_RELEASE } from "../../../src/ecs/data/ecs-fields.ts";
import { PLATFORM_FIELDS } from "../../../src/ecs/data/platform-fields.ts";
import { USER_AGENT_RULES } from "../../../src/ecs/data/user-agents.ts";
import { compileRegex, Regex } from "../../../src/ecs/regex/index.ts";

test("a CSV text is read with quotes, doubled quotes and line breaks in cells", () => {
  const records = readCsv('a,b,c\r\n1,"x, ""y""\nz",\n\n2,,3\n');
  expect(records.map((record) => Object.fromEntries(record))).toEqual([
    { a: "1", b: 'x, "y"\nz', c: "" },
    { a: "2", b: "", c: "3" },
  ]);
});

const CSV = `ECS_Version,Field,Type
1.2.3,@timestamp,date
1.2.3,ecs.version,keyword
1.2.3,user.name,keyword
1.2.3,user.name.text,match_only_text
1.2.3,labels,object
1.2.3,labels.text,keyword
`;

test("the table of ECS leaves out multi-fields and ecs.version, and makes dates datetimes", () => {
  const { release, types } = readEcsTable(CSV);
  expect(release).toBe("1.2.3");
  expect(Object.fromEntries(types)).toEqual({
    "@timestamp": "datetime",
    "user.name": "keyword",
    labels: "object",
    "labels.text": "keyword",
  });
});

test("a table's module groups fields by type and parent", () => {
  const { types } = readPlatformTable("field,type\nb.y,keyword\nb.x,keyword\na,keyword\nb.z,long\n");
  const module = fieldsModule("TEST", { release: "", types });
  expect(module).toContain('  "keyword": `\n- a\nb x y\n`,\n  "long": `\nb z\n`,\n');
  expect(module).not.toContain("RELEASE");
});

test("the tables that are bundled hold the fields of their sources", () => {
  expect(ECS_RELEASE).toMatch(/^\d+\.\d+/);
  expect(ECS_FIELDS["datetime"]).toContain("- @timestamp\n");
  expect(ECS_FIELDS["ip"]).toMatch(/^source ip$/m);
  expect(ECS_FIELDS["keyword"]).not.toMatch(/^ecs /m);
  expect(PLATFORM_FIELDS["keyword"]).toMatch(/^action name outcome/m);
});

test.each([
  { name: "a text", pattern: "(Curl)/(\\d+)", required: [["curl"]] },
  {
    name: "each text of a row",
    pattern: "Foo.{1,9}(?:Bar|Bazaar)x?",
    required: [["foo"], ["bar", "bazaar"]],
  },
  { name: "letters in both cases", pattern: "[Ss][Pp]ider", required: [["spider"]] },
  { name: "the best of each alternative", pattern: "Foo \\d Quux|Baz", required: [[" quux", "baz"]] },
  { name: "nothing when an alternative has no text", pattern: "(?:Foo|\\d+)", required: [] },
  { name: "nothing when all is optional", pattern: "(?:Foo)*", required: [] },
  { name: "what repeats at least once", pattern: "(?:Foo)+", required: [["foo"]] },
])("requiredLiteralsOf finds $name", ({ pattern, required }) => {
  expect(requiredLiteralsOf(pattern)).toEqual(required);
});

test("user-agent rules keep their order, flag and replacements", () => {
  const yaml = `
user_agent_parsers:
  - regex: '(Foo)/(\\d+)'
  - regex: 'BarBar'
    family_replacement: 'Bar $1'
os_parsers:
  - regex: 'Windows 9'
    os_replacement: 'Windows'
    os_v1_replacement: 9
device_parsers:
  - regex: 'Phone'
    regex_flag: 'i'
    device_replacement: 'Phone'
    brand_replacement: 'Generic'
`;
  expect(compactUserAgentRules(yaml)).toEqual({
    agents: [
      [[["foo"]], "(Foo)/(\\d+)"],
      [[["barbar"]], "BarBar", "Bar $1"],
    ],
    systems: [[[["windows 9"]], "Windows 9", "Windows", "9"]],
    devices: [[[["phone"]], "(?i)Phone", "Phone"]],
  });
});

test("every bundled user-agent pattern is one that the linear matcher takes", () => {
  const patterns = Object.values(USER_AGENT_RULES).flatMap((rules) => rules.map(([, pattern]) => pattern));
  expect(patterns.length).toBeGreaterThan(1000);
  expect(
    patterns.filter((pattern) => !(compileRegex(pattern, { keepUnnamed: true }) instanceof Regex)),
  ).toEqual([]);
});
