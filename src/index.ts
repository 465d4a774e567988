/** The connector as a library: the trigger's work, and the runtime that runs it. */

export { consumeEventhub } from "./app/forward.ts";
export { type ModuleOptions, runModule } from "./platform/run-module.ts";
