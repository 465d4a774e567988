import { parse } from "yaml";
import { requiredLiteralsOf } from "./required-literals.ts";

/** One rule: its required literals, its pattern, then the replacements of its groups; trailing empty ones are left out. */
export type CompactRule = readonly [
  requiredLiterals: readonly (readonly string[])[],
  pattern: string,
  ...replacements: string[],
];

/** The three lists of uap-core's `regexes.yaml`, in its order: the first rule that matches wins. */
export type CompactRules = {
  readonly agents: readonly CompactRule[];
  readonly systems: readonly CompactRule[];
  readonly devices: readonly CompactRule[];
};

const REPLACEMENTS = {
  user_agent_parsers: ["family_replacement", "v1_replacement", "v2_replacement", "v3_replacement"],
  os_parsers: [
    "os_replacement",
    "os_v1_replacement",
    "os_v2_replacement",
    "os_v3_replacement",
    "os_v4_replacement",
  ],
  device_parsers: ["device_replacement"],
} as const;

/**
 * Makes uap-core's rules compact. A rule's flag becomes a `(?i)` in front of its pattern; brand and model replacements of
 * devices are left out, since only the device's name reaches an event.
 * @param yaml The text of `regexes.yaml`.
 */
export function compactUserAgentRules(yaml: string): CompactRules {
  const lists: Record<string, Record<string, string>[]> = parse(yaml);
  const compact = (list: keyof typeof REPLACEMENTS): CompactRule[] =>
    (lists[list] ?? []).map((rule) => {
      const pattern = `${rule["regex_flag"] === "i" ? "(?i)" : ""}${rule["regex"]}`;
      const replacements = REPLACEMENTS[list].map((name) => String(rule[name] ?? ""));
      while (replacements.at(-1) === "") {
        replacements.pop();
      }
      return [requiredLiteralsOf(pattern), pattern, ...replacements];
    });
  return {
    agents: compact("user_agent_parsers"),
    systems: compact("os_parsers"),
    devices: compact("device_parsers"),
  };
}
