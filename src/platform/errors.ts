import { AppError } from "../kernel/errors.ts";

/** The configuration cannot be used; each problem is a sentence that names the field, the fault and a right value. */
export class ConfigurationInvalid extends AppError {
  readonly code = "CONFIGURATION_INVALID";
  readonly disposition = "stop";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the configuration cannot be used: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

/** The container was told to run something that the module's files do not declare. */
export class CommandUnknown extends AppError {
  readonly code = "COMMAND_UNKNOWN";
  readonly disposition = "stop";
  constructor(command: string | undefined, known: readonly string[]) {
    const asked = command === undefined ? "no command was given" : `the command ${command} is unknown`;
    super(`${asked}; this module runs ${known.join(", ")}`);
  }
}

/** The platform keeps the module's secrets to itself. */
export class SecretsUnavailable extends AppError {
  readonly code = "SECRETS_UNAVAILABLE";
  readonly disposition = "stop";
}
