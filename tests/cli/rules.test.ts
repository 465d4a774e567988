import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import { registerParse } from "../../src/cli/parse.ts";
import { registerRules } from "../../src/cli/rules.ts";
import { InputInvalid } from "../../src/kernel/errors.ts";
import { runCommand } from "./run.ts";

const SAMPLE = fileURLToPath(
  new URL("../../formats/microsoft-intune/tests/operational_compliance.json", import.meta.url),
);
const folder = mkdtempSync(join(tmpdir(), "rules-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

const own = join(folder, "own.yml");
writeFileSync(own, "title: Own\nlogsource:\n  product: x\ndetection:\n  sel:\n    a: 1\n  condition: sel\n");
const cases = [
  { name: "one", fires: true, event: { a: 1 } },
  { name: "two", fires: true, event: { a: 2 } },
];
writeFileSync(join(folder, "own.test.json"), JSON.stringify({ cases }));
const broken = join(folder, "broken.yml");

test("list and show tell of the built-in rules", async () => {
  expect(await runCommand(registerRules, ["rules", "list"])).toContain("Microsoft Intune Policy Change");
  expect(await runCommand(registerRules, ["rules", "show", "ryuk_martinstevens"])).toContain("level: high");
});

test("test names each case that fails, and counts them", async () => {
  const printed = await runCommand(registerRules, ["rules", "test", own]);
  expect(printed).toContain("own.yml: two was expected to fire and did not\n");
  expect(printed).toMatch(/1 passed, 1 failed\n$/);
  expect(process.exitCode).toBe(1);
});

test("check draws what is wrong below its line", async () => {
  writeFileSync(broken, "title: B\ndetection:\n  sel:\n    a|re: '(?!x)'\n  condition: sel\n");
  const errors: string[] = [];
  expect(await runCommand(registerRules, ["rules", "check", broken], "", errors)).toBe(
    "0 rules fine, 1 error, 0 warnings\n",
  );
  expect(errors.join("")).toContain("4 |     a|re: '(?!x)'\n");
  expect(process.exitCode).toBe(1);
});

test("a path that does not exist is wrong usage", async () => {
  await expect(runCommand(registerRules, ["rules", "check", join(folder, "none")])).rejects.toThrow(
    InputInvalid,
  );
});

test("parse --rules tells on standard error what fires", async () => {
  const { input } = JSON.parse(readFileSync(SAMPLE, "utf8"));
  const errors: string[] = [];
  const args = ["parse", "--format", "microsoft-intune", "--rules", "builtin"];
  const printed = await runCommand(registerParse, args, `${input.message}\n`, errors);
  expect(JSON.parse(printed)).toMatchObject({ action: { type: "OperationalLogs" } });
  expect(errors.join("")).toMatch(/^alert medium: Microsoft Intune Non-Compliant Device \(/);
});

test("parse looks for indicators of the rules' folder, and for those that are named", async () => {
  const own = mkdtempSync(join(tmpdir(), "feed-"));
  mkdirSync(join(own, "indicators"));
  writeFileSync(join(own, "feed.yml"), "title: Own feed\nlogsource: {category: any}\nindicators: all\n");
  const csv = (value: string) => `type,value,valid_from,valid_until,label\nemail-addr,${value},,,high\n`;
  writeFileSync(join(own, "indicators", "feed.csv"), csv("ann@example.org"));
  writeFileSync(join(own, "more.csv"), csv("bob@example.org"));
  const format = join(own, "format");
  mkdirSync(join(format, "ingest"), { recursive: true });
  writeFileSync(
    join(format, "ingest", "parser.yml"),
    'name: own\npipeline: [{name: all}]\nstages: {all: {actions: [{set: {user.email: "{{original.message}}"}}]}}\n',
  );
  try {
    const firedOn = async (...args: string[]) => {
      const errors: string[] = [];
      const input = "ann@example.org\nbob@example.org\ncarl@example.org\n";
      await runCommand(registerParse, ["parse", "--format", format, ...args], input, errors);
      return errors.join("").match(/^alert .*$/gm) ?? [];
    };
    expect(await firedOn("--rules", own)).toEqual([expect.stringMatching(/high: Own feed .*ann@example/)]);
    expect(await firedOn("--rules", "builtin", "--indicators", join(own, "more.csv"))).toEqual([
      expect.stringMatching(/high: Intelligence Feed .*bob@example/),
    ]);
    expect(await firedOn("--rules", "builtin", "--rules", own)).toHaveLength(2);
    await expect(firedOn("--indicators", join(own, "more.csv"))).rejects.toThrow(/--rules builtin/);
    await expect(firedOn("--rules", "builtin", "--indicators", join(own, "none"))).rejects.toThrow(
      /does not exist/,
    );
  } finally {
    rmSync(own, { recursive: true });
  }
});
