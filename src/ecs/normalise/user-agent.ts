import type { Dict } from "../contract/value.ts";
import { USER_AGENT_RULES, type UserAgentRule } from "../data/user-agents.ts";
import { compileRegex, type Regex } from "../regex/index.ts";
import { ownText } from "../values/own-text.ts";
import { dictAt, dictMadeAt, textAt } from "./draft-fields.ts";

/** UTF-16 units of a user agent that are looked at; longer ones are rare, and each rule costs time for each of them. */
const MAX_USER_AGENT_CHARS = 1024;
/** Results that are remembered: a fleet shows few user agents, and recognising one costs some 100 µs. */
const MAX_REMEMBERED = 2000;
const UNKNOWN = "Other";

type Named = { readonly name: string; readonly version: string | undefined };
type UserAgent = { readonly agent: Named; readonly system: Named; readonly device: string };

const remembered = new Map<string, UserAgent>();
const compiled = new Map<UserAgentRule, Regex | undefined>();

/** Names software, system and device of `user_agent.original`; what the format said about them is overwritten. */
export function recogniseUserAgent(draft: Dict): void {
  const target = dictAt(draft, "user_agent");
  const original = textAt(target, "original");
  if (target === undefined || original === undefined) {
    return;
  }
  const { agent, system, device } = lookUp(original.slice(0, MAX_USER_AGENT_CHARS));
  setNamed(target, agent);
  setNamed(dictMadeAt(target, "os"), system);
  dictMadeAt(target, "device")?.set("name", device);
}

function setNamed(target: Dict | undefined, { name, version }: Named): void {
  target?.set("name", name);
  if (version !== undefined) {
    target?.set("version", version);
  }
}

function lookUp(slice: string): UserAgent {
  const known = remembered.get(slice);
  if (known !== undefined) {
    return known;
  }
  const text = ownText(slice);
  const lowered = text.toLowerCase();
  const found = {
    agent: named(firstMatch(USER_AGENT_RULES.agents, text, lowered)),
    system: named(firstMatch(USER_AGENT_RULES.systems, text, lowered)),
    device: firstMatch(USER_AGENT_RULES.devices, text, lowered)?.[0] ?? UNKNOWN,
  };
  if (remembered.size >= MAX_REMEMBERED) {
    const [oldest] = remembered.keys();
    remembered.delete(oldest ?? "");
  }
  remembered.set(text, found);
  return found;
}

/** The parts that the first matching rule gives: the name, then those of the version. */
function firstMatch(
  rules: readonly UserAgentRule[],
  text: string,
  lowered: string,
): readonly (string | undefined)[] | undefined {
  for (const rule of rules) {
    const [required, , ...replacements] = rule;
    if (!required.every((list) => list.some((literal) => lowered.includes(literal)))) {
      continue;
    }
    const groups = regexOf(rule)?.search(text)?.groups;
    if (groups !== undefined) {
      return [0, 1, 2, 3].map((index) => partOf(replacements[index], groups, index));
    }
  }
  return undefined;
}

function partOf(
  replacement: string | undefined,
  groups: readonly (string | null)[],
  index: number,
): string | undefined {
  const text =
    replacement === undefined || replacement === ""
      ? (groups[index] ?? "")
      : replacement.replace(/\$(\d)/g, (_, digit: string) => groups[Number(digit) - 1] ?? "").trim();
  return text === "" ? undefined : text;
}

function named(parts: readonly (string | undefined)[] | undefined): Named {
  const [name, major, minor, patch] = parts ?? [];
  const numbers = major === undefined ? [] : minor === undefined ? [major] : [major, minor, patch];
  const version = numbers.filter((part) => part !== undefined).join(".");
  return { name: name ?? UNKNOWN, version: version === "" ? undefined : version };
}

function regexOf(rule: UserAgentRule): Regex | undefined {
  if (!compiled.has(rule)) {
    const regex = compileRegex(rule[1], { keepUnnamed: true });
    compiled.set(rule, "reason" in regex ? undefined : regex);
  }
  return compiled.get(rule);
}
