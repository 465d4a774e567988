import type { Dict } from "../contract/value.ts";
import { addAddresses } from "./address.ts";
import { nameFile, nameHost, splitQuestion, takeOutcome, typeAnswers } from "./names.ts";
import { createRelate } from "./related.ts";
import { removeUndeclared, type Taxonomy } from "./taxonomy.ts";
import { findUrlInCommandLine, splitUrl } from "./url.ts";
import { recogniseUserAgent } from "./user-agent.ts";
import { describeWindowsLogon } from "./windows-logon.ts";

/** What the input event hands on to the parsed one; the rest of it, `event` too, stays behind. */
const INPUT_ROOTS = ["message", "sekoiaio", "log"];

/** What the platform adds by itself, in this order, and the fields without which there is nothing to add. */
const ENRICHMENTS: readonly { readonly needs: readonly string[]; readonly run: (draft: Dict) => void }[] = [
  { needs: ["process.command_line"], run: findUrlInCommandLine },
  { needs: ["url", "process.command_line"], run: splitUrl },
  { needs: ["dns.question.name"], run: splitQuestion },
  { needs: ["dns.answers"], run: typeAnswers },
  { needs: ["user_agent.original"], run: recogniseUserAgent },
  { needs: ["event.code"], run: describeWindowsLogon },
];

const BEFORE_RELATED: typeof ENRICHMENTS = [
  { needs: ["action.outcome"], run: takeOutcome },
  { needs: ["host.hostname"], run: nameHost },
  { needs: ["file.path"], run: nameFile },
  { needs: ["source", "destination", "client"], run: addAddresses },
];

/**
 * Makes the draft that a format's pipeline built an ECS event, in place.
 * @param draft Its values were coerced to the types of their fields as they were set.
 * @param input The raw event; what is taken from it is not copied.
 */
export type Normalise = (draft: Dict, input: Dict) => Dict;

/**
 * How a format's drafts become ECS events: what the platform adds by itself, and the removal of what is not declared.
 * @param targets All dotted paths that the format may set; undefined if it may set others too.
 */
export function createNormalise(taxonomy: Taxonomy, targets: readonly string[] | undefined): Normalise {
  const mayHold = (path: string): boolean => targets?.some((target) => isOneBelow(target, path)) ?? true;
  const isNeeded = ({ needs }: (typeof ENRICHMENTS)[number]): boolean => needs.some(mayHold);
  const steps = [
    ...BEFORE_RELATED.filter(isNeeded).map(({ run }) => run),
    createRelate(mayHold),
    ...ENRICHMENTS.filter(isNeeded).map(({ run }) => run),
  ];
  const undeclared = targets?.filter((target) => !taxonomy.isKnown(target));
  const roots =
    undeclared === undefined ? undefined : new Set(undeclared.map((path) => path.split(".")[0] ?? ""));
  return (draft, input) => {
    for (const step of steps) {
      step(draft);
    }
    removeUndeclared(taxonomy.root, draft, roots);
    for (const root of INPUT_ROOTS) {
      const value = input.get(root);
      if (value !== undefined) {
        const own = draft.get(root);
        draft.set(root, own instanceof Map && value instanceof Map ? merged(value, own) : (own ?? value));
      }
    }
    return draft;
  };
}

/** Whether one of two dotted paths leads to the other. */
function isOneBelow(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
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
