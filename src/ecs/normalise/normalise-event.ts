import type { Dict } from "../contract/value.ts";
import { addAddresses } from "./address.ts";
import { nameFile, nameHost, splitQuestion, takeOutcome, typeAnswers } from "./names.ts";
import { relate } from "./related.ts";
import { removeUndeclared, type Taxonomy } from "./taxonomy.ts";
import { findUrlInCommandLine, splitUrl } from "./url.ts";
import { recogniseUserAgent } from "./user-agent.ts";
import { describeWindowsLogon } from "./windows-logon.ts";

/** What the input event hands on to the parsed one; the rest of it, `event` too, stays behind. */
const INPUT_ROOTS = ["message", "sekoiaio", "log"];

/**
 * Makes the draft that a format's pipeline built an ECS event, in place: adds what the platform adds by itself, and
 * removes what is not declared.
 * @param draft Its values were coerced to the types of their fields as they were set.
 * @param input The raw event; what is taken from it is not copied.
 */
export function normalise(draft: Dict, taxonomy: Taxonomy, input: Dict): Dict {
  takeOutcome(draft);
  nameHost(draft);
  nameFile(draft);
  addAddresses(draft);
  relate(draft);
  findUrlInCommandLine(draft);
  splitUrl(draft);
  splitQuestion(draft);
  typeAnswers(draft);
  recogniseUserAgent(draft);
  describeWindowsLogon(draft);
  removeUndeclared(taxonomy.root, draft);
  for (const root of INPUT_ROOTS) {
    const value = input.get(root);
    if (value !== undefined) {
      const own = draft.get(root);
      draft.set(root, own instanceof Map && value instanceof Map ? merged(value, own) : (own ?? value));
    }
  }
  return draft;
}

/** Both dicts' entries; where both have one, the second's is taken. */
function merged(first: Dict, second: Dict): Dict {
  const result: Dict = new Map(first);
  for (const [key, value] of second) {
    const below = result.get(key);
    result.set(key, below instanceof Map && value instanceof Map ? merged(below, value) : value);
  }
  return result;
}
