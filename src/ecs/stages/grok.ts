import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import { GrokMatcher } from "./grok-matcher.ts";
import { inputText, textMapOf, textOf } from "./properties.ts";

const NO_TEXT = new StageFailure("there is no text to match");

/** `grok.match`: the whole text against one pattern. */
export const grokMatch: StageDefinition = {
  name: "grok.match",
  summary: "Matches the whole text against a grok pattern; each named part becomes a key.",
  properties: [
    { name: "pattern", kind: "text", summary: "A grok expression; it must fit the whole text." },
    {
      name: "custom_patterns",
      kind: "map",
      summary: "Patterns that the expression and each other may name.",
    },
  ],
  examples: [
    {
      title: "a part that is missing is null",
      properties: { pattern: "%{WORD:verb}( %{INT:count:int})?" },
      input: "stop",
      result: { verb: "stop", count: null },
    },
    {
      title: "a part without an alias is named after its pattern",
      properties: { pattern: "%{WORD} %{INT:count:int}" },
      input: "stop 7",
      result: { WORD: "stop", count: 7 },
    },
    {
      title: "patterns of the format may name others",
      properties: {
        pattern: "%{LOGIN}|%{LOGOUT}",
        custom_patterns: {
          LOGIN: "login %{WHO}",
          LOGOUT: "logout %{WHO}",
          WHO: "of %{USER:user} from %{IP:ip}",
        },
      },
      input: "logout of ann from 2001:db8::1",
      result: {
        LOGIN: null,
        LOGOUT: "logout of ann from 2001:db8::1",
        WHO: "of ann from 2001:db8::1",
        user: "ann",
        USERNAME: "ann",
        ip: "2001:db8::1",
        IPV6: "2001:db8::1",
        IPV4: null,
      },
    },
    {
      title: "a text after the match is not a match",
      properties: { pattern: "%{INT:count}" },
      input: "7 stops",
      result: "failure",
    },
    { title: "a pattern nobody knows", properties: { pattern: "%{NOBODY}" }, input: "x", result: "failure" },
  ],
  prepare(properties) {
    const pattern = textOf(properties["pattern"]) ?? "";
    const matcher = new GrokMatcher(pattern, textMapOf(properties["custom_patterns"]));
    return ({ value, reads }) => {
      const text = inputText(value);
      return text === undefined ? NO_TEXT : matcher.match(text, reads);
    };
  },
};

/** `grok.case_match`: the whole text against the pattern that a key chooses. */
export const grokCaseMatch: StageDefinition = {
  name: "grok.case_match",
  summary:
    "Matches the whole text against the grok pattern that a key chooses; without one for the key, nothing.",
  properties: [
    { name: "pattern_key", kind: "template", summary: "The key of the pattern to use." },
    { name: "patterns", kind: "map", summary: "Grok expressions by key." },
    {
      name: "custom_patterns",
      kind: "map",
      summary: "Patterns that the expressions and each other may name.",
    },
  ],
  examples: [
    {
      title: "the key chooses",
      properties: { patterns: { open: "open %{PATH:path}", close: "close %{INT:handle}" } },
      rendered: { pattern_key: "close" },
      input: "close 4",
      result: { handle: "4" },
    },
    {
      title: "no pattern for the key",
      properties: { patterns: { open: "open %{PATH:path}" } },
      rendered: { pattern_key: "read" },
      input: "read 4",
      result: "failure",
    },
  ],
  prepare(properties) {
    const custom = textMapOf(properties["custom_patterns"]);
    const matchers = new Map<string, GrokMatcher>();
    for (const [key, pattern] of textMapOf(properties["patterns"])) {
      matchers.set(key, new GrokMatcher(pattern, custom));
    }
    return ({ value, rendered, reads }) => {
      const matcher = matchers.get(textOf(rendered["pattern_key"]) ?? "");
      if (matcher === undefined) {
        return NO_PATTERN;
      }
      const text = inputText(value);
      return text === undefined ? NO_TEXT : matcher.match(text, reads);
    };
  },
};

/** Without a pattern for the key there are no parts, which is a result as long as there is none. */
const NO_PATTERN = new StageFailure("no pattern has this key", { standIn: new Map() });
