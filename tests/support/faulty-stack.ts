import { type LocalStack, type StackOptions, startStack as startLocalStack } from "../../src/local/stack.ts";
import { type FaultyHub, planHubFaults } from "./hub-faults.ts";
import { type FaultyIntake, planIntakeFaults } from "./intake-faults.ts";

export type FaultyStack = LocalStack & { readonly hub: FaultyHub; readonly intake: FaultyIntake };

/** A local stack whose hub and intake fail when a test wants it. */
export async function startStack(options: StackOptions = {}): Promise<FaultyStack> {
  const hub = planHubFaults();
  const intake = planIntakeFaults();
  const stack = await startLocalStack({
    ...options,
    hub: { interference: hub.interference },
    intake: { ...options.intake, interference: intake.interference },
  });
  return { ...stack, hub: hub.faultsOf(stack.hub), intake: intake.faultsOf(stack.intake) };
}
