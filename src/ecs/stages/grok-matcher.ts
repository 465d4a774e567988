import { StageFailure } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { compileRegex, type Regex } from "../regex/index.ts";
import { parseFloatText, parseInteger } from "../values/numbers.ts";
import { expandGrok } from "./grok-expand.ts";
import { MAY_HOLD_IPV6 } from "./grok-patterns.ts";

const NOTHING_OMITTED: ReadonlySet<string> = new Set();
const IPV6_OMITTED: ReadonlySet<string> = new Set(["IPV6"]);
const NO_MATCH = new StageFailure("the text does not match the pattern");

/**
 * One grok expression, matched against whole texts. It is compiled at first use, and in two forms: few texts hold
 * an IPv6 address, whose pattern alone is larger than most expressions.
 */
export class GrokMatcher {
  private readonly expression: string;
  private readonly custom: ReadonlyMap<string, string>;
  private full: CompiledGrok | StageFailure | null = null;
  private withoutIpv6: CompiledGrok | StageFailure | null = null;

  constructor(expression: string, custom: ReadonlyMap<string, string>) {
    this.expression = expression;
    this.custom = custom;
  }

  /** @returns A dict with every name of the expression; null for those that took no part. */
  match(text: string): Dict | StageFailure {
    const compiled = this.compiledFor(text);
    return compiled instanceof StageFailure ? compiled : compiled.match(text);
  }

  private compiledFor(text: string): CompiledGrok | StageFailure {
    if (MAY_HOLD_IPV6.test(text)) {
      this.full ??= compile(this.expression, this.custom, NOTHING_OMITTED);
      return this.full;
    }
    this.withoutIpv6 ??= compile(this.expression, this.custom, IPV6_OMITTED);
    return this.withoutIpv6;
  }
}

function compile(
  expression: string,
  custom: ReadonlyMap<string, string>,
  omitted: ReadonlySet<string>,
): CompiledGrok | StageFailure {
  const pattern = expandGrok(expression, custom, omitted);
  if (pattern instanceof StageFailure) return pattern;
  const regex = compileRegex(pattern, { keepUnnamed: false });
  return regex instanceof StageFailure ? regex : new CompiledGrok(regex);
}

class CompiledGrok {
  private readonly regex: Regex;
  /** The name and the type of each group. */
  private readonly targets: readonly { readonly name: string; readonly type: string | undefined }[];

  constructor(regex: Regex) {
    this.regex = regex;
    this.targets = regex.groupNames.map((label) => {
      const [name = "", type] = (label ?? "").split(":");
      return { name, type };
    });
  }

  match(text: string): Dict | StageFailure {
    const groups = this.regex.fullMatch(text)?.groups;
    if (groups === undefined) return NO_MATCH;
    const dict: Dict = new Map();
    for (let index = 0; index < this.targets.length; index++) {
      const target = this.targets[index];
      if (target === undefined) continue;
      const captured = groups[index] ?? null;
      // Of several groups with one name the last that took part counts.
      if (captured !== null)
        dict.set(target.name, target.type === undefined ? captured : typed(captured, target.type));
      else if (!dict.has(target.name)) dict.set(target.name, null);
    }
    return dict;
  }
}

function typed(text: string, type: string): Value {
  if (type === "int") return parseInteger(text) ?? text;
  return type === "float" ? (parseFloatText(text) ?? text) : text;
}
