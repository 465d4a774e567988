import { PassThrough, Readable } from "node:stream";
import { Command } from "commander";
import { expect, test } from "vitest";
import { registerEvents } from "../../src/cli/events.ts";
import { InputInvalid } from "../../src/kernel/errors.ts";
import { postBatch, withIntake } from "../local/intake/helpers.ts";
import { runCommand } from "./run.ts";

test("events search prints what the intake holds, newest first, and hides what a terminal would obey", async () => {
  await withIntake({}, async (intake) => {
    await postBatch(intake, ["one apple", "two pears", "an apple \u202ereversed"]);
    const lines = (await runCommand(registerEvents, ["events", "search", "--url", intake.url, "apple"]))
      .trim()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line).raw)).toEqual(["an apple \u202ereversed", "one apple"]);
    expect(lines.join()).not.toContain("\u202e");
    const some = await runCommand(registerEvents, [
      "events",
      "search",
      "--url",
      `${intake.url}/events`,
      "--limit",
      "1",
    ]);
    expect(some.trim().split("\n")).toHaveLength(1);
  });
});

test("events search says what is wrong with the search, and that no intake answers", async () => {
  await withIntake({}, async (intake) => {
    await expect(runCommand(registerEvents, ["events", "search", "--url", intake.url, "(a"])).rejects.toThrow(
      InputInvalid,
    );
  });
  await expect(
    runCommand(registerEvents, ["events", "search", "--url", "http://127.0.0.1:1", "a"]),
  ).rejects.toThrow(/No local intake answers/);
  await expect(runCommand(registerEvents, ["events", "search", "--url", "here", "a"])).rejects.toThrow(
    /not an address/,
  );
});

test("events tail prints what comes and matches, and ends when it is asked to", async () => {
  await withIntake({}, async (intake) => {
    await postBatch(intake, ["apple before"]);
    const stop = new AbortController();
    const stdout = new PassThrough();
    let printed = "";
    stdout.on("data", (data: Buffer) => {
      printed += data.toString();
    });
    const program = new Command("test").exitOverride();
    registerEvents(program, { stdin: Readable.from([]), stdout, stderr: stdout }, () => ({
      signal: stop.signal,
      release: () => undefined,
    }));
    const ended = program.parseAsync(["events", "tail", "--url", intake.url, "apple"], { from: "user" });
    await expect
      .poll(
        async () => {
          await postBatch(intake, ["apple", "pear"]);
          return printed;
        },
        { timeout: 20_000 },
      )
      .toContain('"raw":"apple"');
    stop.abort(new Error("stopped"));
    await ended;
    expect(printed).not.toContain("pear");
    expect(printed).not.toContain("before");
  });
});
