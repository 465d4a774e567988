import { AppError } from "../kernel/errors.ts";

/** A server of the local stack did not start, or did not come back. */
export class LocalServerFailed extends AppError {
  readonly code = "LOCAL_SERVER_FAILED";
  readonly disposition = "stop";
}

/** A package that the container and the published package leave out is not there. */
export class DevDependencyMissing extends AppError {
  readonly code = "DEV_DEPENDENCY_MISSING";
  readonly disposition = "stop";
  constructor(packageName: string, purpose: string, options?: ErrorOptions) {
    super(
      `${purpose} needs the package ${packageName}, which is not installed; run \`npm install ${packageName}\`, or \`npm install --include=dev\` in a clone`,
      options,
    );
  }
}
