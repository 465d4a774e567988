import { type Reads, StageFailure } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { compileRegex, type Regex } from "../regex/index.ts";
import { parseFloatText, parseInteger } from "../values/numbers.ts";
import { mayHoldIpv6 } from "./grok-patterns.ts";
import { grokReferences } from "./grok-references.ts";

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
    const isKept = (label: string): boolean => reads === "all" || reads.has(targetOf(label).name);
    const referenceAt = grokReferences(this.#custom, omitted);
    const regex = compileRegex(this.#expression, { keepUnnamed: false, isKept, referenceAt });
    return regex instanceof StageFailure ? regex : new CompiledGrok(regex, reads !== "all");
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
  /** Every name with null; a result to fill for each text, if only its keys are read and nothing keeps or changes it. */
  readonly #empty: Dict = new Map();
  readonly #isRefilled: boolean;
  /** The names that the last text filled. */
  readonly #filled: string[] = [];

  constructor(regex: Regex, isRefilled: boolean) {
    this.#regex = regex;
    this.#isRefilled = isRefilled;
    this.#targets = regex.groupNames.map((label) => targetOf(label ?? ""));
    for (const { name } of this.#targets) {
      this.#empty.set(name, null);
    }
  }

  match(text: string): Dict | StageFailure {
    const captured = this.#regex.fullCaptures(text);
    if (captured === null) {
      return NO_MATCH;
    }
    const dict = this.#isRefilled ? this.#emptied() : this.#copied();
    // Of several groups with one name the last that took part counts.
    for (let i = 0; i < captured.length; i += 3) {
      const target = this.#targets[captured[i] ?? -1];
      if (target !== undefined) {
        const part = text.slice(captured[i + 1], captured[i + 2]);
        dict.set(target.name, target.type === undefined ? part : typed(part, target.type));
        if (this.#isRefilled) {
          this.#filled.push(target.name);
        }
      }
    }
    return dict;
  }

  /** V8 copies a map more slowly by its constructor. */
  #copied(): Dict {
    const dict: Dict = new Map();
    for (const name of this.#empty.keys()) {
      dict.set(name, null);
    }
    return dict;
  }

  #emptied(): Dict {
    for (const name of this.#filled) {
      this.#empty.set(name, null);
    }
    this.#filled.length = 0;
    return this.#empty;
  }
}

function typed(text: string, type: string): Value {
  if (type === "int") {
    return parseInteger(text) ?? text;
  }
  return type === "float" ? (parseFloatText(text) ?? text) : text;
}
