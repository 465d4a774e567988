import { AppError } from "../kernel/errors.ts";

/** A server of the local stack did not start, or did not come back. */
export class LocalServerFailed extends AppError {
  readonly code = "LOCAL_SERVER_FAILED";
  readonly disposition = "stop";
}

/** A package that only development installs have is not there. */
export class DevDependencyMissing extends AppError {
  readonly code = "DEV_DEPENDENCY_MISSING";
  readonly disposition = "stop";
  constructor(packageName: string, purpose: string, options?: ErrorOptions) {
    super(
      `${purpose} needs the package ${packageName}, which production installs leave out; run \`npm install --include=dev\``,
      options,
    );
  }
}
