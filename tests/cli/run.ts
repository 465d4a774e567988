import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import type { Streams } from "../../src/cli/streams.ts";

/** Runs one command as a person would, and gives what it printed to standard output and, into `errors`, to the other. */
export async function runCommand(
  register: (program: Command, streams: Streams) => void,
  args: readonly string[],
  input = "",
  errors: string[] = [],
): Promise<string> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const program = new Command("test").exitOverride().configureOutput({ writeErr: () => undefined });
  register(program, { stdin: Readable.from([input]), stdout, stderr });
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
