import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { type DemoOptions, runDemo } from "../../src/local/demo.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "demo-test-"));
  mkdirSync(join(folder, "ingest"));
  writeFileSync(
    join(folder, "ingest", "parser.yml"),
    "name: own\npipeline: [{ name: all }]\nstages: { all: { actions: [{ set: { event.code: 5 } }] } }\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function storyOf(lines: string[], more: Partial<DemoOptions> = {}): DemoOptions {
  return {
    isOnce: true,
    ports: {},
    clock: systemClock,
    say: (line) => lines.push(line),
    format: {
      folder,
      listen: () => () => true,
      describe: ({ raw, ecs }) => `described ${raw.length} as ${ecs}`,
    },
    ...more,
  };
}

test("the demo tells what was sent, forwarded, acknowledged and checkpointed, and holds no key", async () => {
  const lines: string[] = [];
  expect(await runDemo(storyOf(lines), new AbortController().signal), lines.join("\n")).toBe(0);
  const text = lines.join("\n");
  expect(text).toMatch(/^sent +10 events/m);
  expect(text).toMatch(/^forwarded +10 events/m);
  expect(text).toMatch(/^acknowledged +10 events/m);
  expect(text).toMatch(
    /^checkpointed +partition 0 at 1, partition 1 at 0, partition 2 at 0, partition 3 at 1$/m,
  );
  expect(
    lines.filter((line) => /^event +described (\d+) as \{"event":\{"code":"5"\},"message":/.test(line)),
  ).toHaveLength(10);
  expect(lines).toContain("10 events sent, 10 accepted, 0 lost");
  for (const secret of ["local-intake-key", "SAS_KEY_VALUE", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1"]) {
    expect(text).not.toContain(secret);
  }
});

test("a demo that goes on tells of more events and ends in order when it is told to", async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  let intakeUrl = "";
  const say = (line: string) => {
    lines.push(line);
    intakeUrl = /^intake +(http:\S+)\/events$/.exec(line)?.[1] ?? intakeUrl;
    if (line.startsWith("the stack and the trigger go on")) {
      const more = { method: "POST", body: "one more" };
      void fetch(`${intakeUrl}/plain?intake_key=local-intake-key`, more);
    }
    if (/^event +described 8 as/.test(line)) {
      stop.abort(new Error("stopped"));
    }
  };
  expect(await runDemo(storyOf(lines, { isOnce: false, say }), stop.signal), lines.join("\n")).toBe(0);
  expect(lines.some((line) => /^trigger .*everything received is settled/.test(line))).toBe(true);
});

test("a demo whose page takes the hub over ends its own trigger and goes on", async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const page = Promise.withResolvers<{ intakeUrl: string; handOver: () => Promise<void> }>();
  let isClosed = false;
  const openPage: DemoOptions["openPage"] = async ({ intake }, _key, handOver) => {
    page.resolve({ intakeUrl: intake.url, handOver });
    return {
      address: "http://127.0.0.1:1/",
      close: async () => {
        isClosed = true;
      },
    };
  };
  const say = (line: string) => {
    lines.push(line);
    if (line.startsWith("the stack and the trigger go on")) {
      void page.promise.then(async ({ intakeUrl, handOver }) => {
        await Promise.all([handOver(), handOver()]);
        const more = { method: "POST", body: "one more" };
        await fetch(`${intakeUrl}/plain?intake_key=local-intake-key`, more);
      });
    }
    if (/^event +described 8 as/.test(line)) {
      stop.abort(new Error("stopped"));
    }
  };
  expect(await runDemo(storyOf(lines, { isOnce: false, say, openPage }), stop.signal)).toBe(0);
  expect(lines.filter((line) => /^trigger +ends here: the run of the page/.test(line))).toHaveLength(1);
  const drained = lines.findIndex((line) => /^trigger .*everything received is settled/.test(line));
  const another = lines.findIndex((line) => /^event +described 8 as/.test(line));
  expect(drained).toBeGreaterThan(0);
  expect(another).toBeGreaterThan(drained);
  expect(isClosed).toBe(true);
});

test("a demo that is stopped before its end says what is missing and fails", async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
    if (line.startsWith("sent")) {
      stop.abort(new Error("stopped"));
    }
  };
  expect(await runDemo(storyOf(lines, { say }), stop.signal)).toBe(1);
  expect(lines).toContain("10 events sent, 0 accepted, 10 lost");
});
