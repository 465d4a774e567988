/**
 * The local intake as a process of its own, for tests and measurements across processes.
 * Its one argument is the JSON of the options; it prints one line, `{"url":…,"port":…}`, when it is ready, and
 * ends on SIGTERM or when its standard input closes, so that it never outlives its parent.
 */
import { type IntakeOptions, startIntake } from "./server.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as IntakeOptions;
const intake = await startIntake(options);

const end = () => {
  void intake.close().then(() => process.exit(0));
};
process.once("SIGTERM", end);
process.stdin.once("close", end).resume();
process.stdout.write(`${JSON.stringify({ url: intake.url, port: intake.port })}\n`);
