import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_FORMAT, intakeFormat } from "../../src/cli/intake-format.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "intake-format-test-"));
  mkdirSync(join(folder, "ingest"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const STORED = { number: 1, eventId: "1", receivedAtMs: 0, intakeKey: "k" };

test("an event is described by its format's descriptions, and by its beginning where none fits", async () => {
  const format = await intakeFormat(DEFAULT_FORMAT, new PassThrough());
  const told = (raw: string) => format.describe({ ...STORED, raw, ecs: format.parse(raw, "k")?.ecs ?? null });
  expect(told('{"category":"AuditLogs","operationName":"Patch device","identity":"ann"}')).toBe(
    "ann performed Patch device in Intune",
  );
  expect(format.describe({ ...STORED, raw: "x".repeat(200), ecs: null })).toBe("x".repeat(120));
});

test("a format without descriptions tells the raw event, and what is wrong with it goes to standard error", async () => {
  const parser =
    "name: own\ncolour: red\npipeline: [{ name: all }]\nstages: { all: { actions: [{ set: { event.code: 5 } }] } }\n";
  writeFileSync(join(folder, "ingest", "parser.yml"), parser);
  const stderr = new PassThrough();
  const format = await intakeFormat(folder, stderr);
  const ecs = format.parse("an event", "k")?.ecs ?? null;
  expect(ecs).toBe('{"event":{"code":"5"}}');
  expect(format.describe({ ...STORED, raw: "an event", ecs })).toBe("an event");
  expect(String(stderr.read())).toContain("a parser file has no `colour`; it is ignored");
});
