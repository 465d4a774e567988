/** The connector as a library: the trigger's work, and the runtime that runs it. */
export { consumeEventhub } from "./app/forward.ts";
export { runTrigger, type TriggerContext, type TriggerOptions } from "./app/run-trigger.ts";
