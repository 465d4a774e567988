import { type Reads, StageFailure } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { compileRegex, type Regex } from "../regex/index.ts";
import { parseFloatText, parseInteger } from "../values/numbers.ts";
import { expandGrok } from "./grok-expand.ts";
import { mayHoldIpv6 } from "./grok-patterns.ts";

const NOTHING_OMITTED: ReadonlySet<string> = new Set();
const IPV6_OMITTED: ReadonlySet<string> = new Set(["IPV6"]);
const NO_MATCH = new StageFailure("the text does not match the pattern");

type Compiled = CompiledGrok | StageFailure;
type Forms = { full: Compiled | undefined; withoutIpv6: Compiled | undefined };

/**
 * One grok expression, matched against whole texts. It is compiled at first use, and in two forms: few texts hold
 * an IPv6 address, whose pattern alone is larger than most expressions.
 */
export class GrokMatcher {
  readonly #expression: string;
  readonly #custom: ReadonlyMap<string, string>;
  /** By what is read; a step has one such, and a trace reads all. */
  readonly #forms = new Map<Reads, Forms>();

  constructor(expression: string, custom: ReadonlyMap<string, string>) {
    this.#expression = expression;
    this.#custom = custom;
  }

  /** @returns A dict with every name of the expression that is read; null for those that took no part. */
  match(text: string, reads: Reads): Dict | StageFailure {
    const compiled = this.#compiledFor(text, reads);
    return compiled instanceof StageFailure ? compiled : compiled.match(text);
  }

  #compiledFor(text: string, reads: Reads): Compiled {
    let forms = this.#forms.get(reads);
    if (forms === undefined) {
      forms = { full: undefined, withoutIpv6: undefined };
      this.#forms.set(reads, forms);
    }
    if (mayHoldIpv6(text)) {
      forms.full ??= this.#compile(NOTHING_OMITTED, reads);
      return forms.full;
    }
    forms.withoutIpv6 ??= this.#compile(IPV6_OMITTED, reads);
    return forms.withoutIpv6;
  }

  #compile(omitted: ReadonlySet<string>, reads: Reads): Compiled {
    const pattern = expandGrok(this.#expression, this.#custom, omitted);
    if (pattern instanceof StageFailure) {
      return pattern;
    }
    const isKept = (label: string): boolean => reads === "all" || reads.has(targetOf(label).name);
    const regex = compileRegex(pattern, { keepUnnamed: false, isKept });
    return regex instanceof StageFailure ? regex : new CompiledGrok(regex);
  }
}

type Target = { readonly name: string; readonly type: string | undefined };

/** The name and the type of a group. */
function targetOf(label: string): Target {
  const [name = "", type] = label.split(":");
  return { name, type };
}

class CompiledGrok {
  readonly #regex: Regex;
  /** Of each group. */
  readonly #targets: readonly Target[];
  /** Each once. */
  readonly #names: readonly string[];

  constructor(regex: Regex) {
    this.#regex = regex;
    this.#targets = regex.groupNames.map((label) => targetOf(label ?? ""));
    this.#names = [...new Set(this.#targets.map(({ name }) => name))];
  }

  match(text: string): Dict | StageFailure {
    const found = this.#regex.fullSpans(text);
    if (found === null) {
      return NO_MATCH;
    }
    const dict: Dict = new Map();
    for (const name of this.#names) {
      dict.set(name, null);
    }
    const { spans, captures } = found;
    // Of several groups with one name the last that took part counts.
    for (let index = 0; index < captures.length; index++) {
      const start = spans[2 * index + 2] ?? -1;
      const target = start < 0 ? undefined : this.#targets[captures[index] ?? -1];
      if (target === undefined) {
        continue;
      }
      const captured = text.slice(start, spans[2 * index + 3]);
      dict.set(target.name, target.type === undefined ? captured : typed(captured, target.type));
    }
    return dict;
  }
}

function typed(text: string, type: string): Value {
  if (type === "int") {
    return parseInteger(text) ?? text;
  }
  return type === "float" ? (parseFloatText(text) ?? text) : text;
}
