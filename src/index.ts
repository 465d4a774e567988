/** The connector as a library: the trigger's work, and the runtime that runs it. */
export { type ModuleOptions, runModule } from "./platform/run-module.ts";
export { consumeEventhub } from "./trigger.ts";
