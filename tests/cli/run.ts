import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import type { Streams } from "../../src/cli/streams.ts";

/** Runs one command as a person would, and gives what it printed to standard output. */
export async function runCommand(
  register: (program: Command, streams: Streams) => void,
  args: readonly string[],
  input = "",
): Promise<string> {
  const stdout = new PassThrough();
  const program = new Command("test").exitOverride().configureOutput({ writeErr: () => undefined });
  register(program, { stdin: Readable.from([input]), stdout, stderr: new PassThrough() });
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  const printed = text(stdout);
  try {
    await program.parseAsync(args, { from: "user" });
  } finally {
    stdout.end();
  }
  return printed;
}
