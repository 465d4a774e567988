/** One entry of a selection: a field, its modifiers and its values. */
import type { Dialect, Span } from "../contract.ts";
import type { Condition, Leaf, NumberRelation, SourceNode, Test, TextRelation, TimePart } from "../syntax.ts";
import { parseNetwork } from "../values/address.ts";
import { type ModifierContext, TEXT_MODIFIERS, type Texts } from "./modifiers.ts";
import { openAt, type Pattern, parsePattern, testOf } from "./pattern.ts";
import { RuleProblem } from "./problem.ts";
import { regexTest } from "./regex.ts";

const NUMBER_RELATIONS: ReadonlySet<string> = new Set<NumberRelation>(["lt", "lte", "gt", "gte"]);
const TIME_PARTS: ReadonlySet<string> = new Set<TimePart>(["minute", "hour", "day", "week", "month", "year"]);
const PLATFORM_PARTS: ReadonlySet<string> = new Set<TimePart>(["day_of_week", "day_of_year"]);
const REGEX_FLAGS: ReadonlySet<string> = new Set(["i", "m", "s"]);
/** What decides by itself how a value is compared; none goes with another. */
const COMPARISONS: ReadonlySet<string> = new Set(["re", "cidr", "exists", "fieldref", "timerange"]);
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MAX_VALUES = 20_000;

const MODIFIERS: readonly string[] = [
  ...TEXT_MODIFIERS.keys(),
  ...NUMBER_RELATIONS,
  ...TIME_PARTS,
  ...PLATFORM_PARTS,
  ...REGEX_FLAGS,
  ...COMPARISONS,
  "all",
  "cased",
  "neq",
];

export type ItemContext = {
  readonly dialect: Dialect;
  readonly placeholders: Readonly<Record<string, readonly string[]>>;
  readonly timezone: string;
};

type ScalarNode = SourceNode & { readonly kind: "scalar" };

/**
 * @param key As written: a field and its modifiers; without a field the values are keywords.
 * @throws RuleProblem for what cannot be compared so.
 */
export function compileItem(key: string, keySpan: Span, value: SourceNode, context: ItemContext): Condition {
  const [field = "", ...modifiers] = key.split("|");
  checkModifiers(modifiers, context.dialect, keySpan);
  const values = scalarsOf(value);
  const isKeyword = field === "";
  const builder = new ItemBuilder(field, modifiers, keySpan, context);
  const tests = values.map((scalar) => builder.condition(scalar));
  const joined = oneOf(modifiers.includes("all") ? "and" : "or", tests);
  if (isKeyword && modifiers.includes("exists")) {
    throw new RuleProblem("modifier", "`exists` needs a field", "write the field before it", keySpan);
  }
  return modifiers.includes("neq") ? { kind: "not", of: joined } : joined;
}

export function oneOf(kind: "and" | "or", of: readonly Condition[]): Condition {
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind, of };
}

function checkModifiers(modifiers: readonly string[], dialect: Dialect, span: Span): void {
  for (const modifier of modifiers) {
    if (!MODIFIERS.includes(modifier)) {
      const hint = `known: ${MODIFIERS.join(", ")}`;
      throw new RuleProblem("unknown-modifier", `there is no modifier "${modifier}"`, hint, span);
    }
    if (dialect === "standard" && (PLATFORM_PARTS.has(modifier) || modifier === "timerange")) {
      const message = `the modifier ${modifier} belongs to the platform's dialect`;
      throw new RuleProblem("unknown-modifier", message, "use minute, hour, day, week, month or year", span);
    }
    if (REGEX_FLAGS.has(modifier) && !modifiers.includes("re")) {
      const message = `the flag ${modifier} needs \`re\``;
      throw new RuleProblem("modifier", message, `write re|${modifier}`, span);
    }
  }
  const deciding = modifiers.filter((modifier) => COMPARISONS.has(modifier));
  const numbers = modifiers.filter((modifier) => NUMBER_RELATIONS.has(modifier));
  if (deciding.length > 1 || numbers.length > 1 || (deciding.length === 1 && numbers.length === 1)) {
    const message = `${[...deciding, ...numbers].join(" and ")} do not go together`;
    throw new RuleProblem("modifier", message, "keep one of them", span);
  }
}

function scalarsOf(value: SourceNode): ScalarNode[] {
  if (value.kind === "scalar") {
    return [value];
  }
  const items = value.kind === "list" ? value.items : [];
  const scalars = items.filter((item): item is ScalarNode => item.kind === "scalar");
  if (scalars.length !== items.length || scalars.length === 0) {
    const message = "a field's value is a text, a number, or a list of them";
    throw new RuleProblem("value", message, "write one value a line, each after a dash", value.span);
  }
  if (scalars.length > MAX_VALUES) {
    const message = `the list holds more than ${MAX_VALUES} values`;
    throw new RuleProblem("value", message, "use an indicator file", value.span);
  }
  return scalars;
}

class ItemBuilder {
  readonly #field: string | undefined;
  readonly #isKeyword: boolean;
  readonly #modifiers: readonly string[];
  readonly #keySpan: Span;
  readonly #context: ItemContext;

  constructor(field: string, modifiers: readonly string[], keySpan: Span, context: ItemContext) {
    this.#isKeyword = field === "";
    // The platform looks for keywords in the raw message.
    this.#field = field !== "" ? field : context.dialect === "platform" ? "message" : undefined;
    this.#modifiers = modifiers;
    this.#keySpan = keySpan;
    this.#context = context;
  }

  condition(scalar: ScalarNode): Condition {
    const has = (modifier: string): boolean => this.#modifiers.includes(modifier);
    const part = this.#modifiers.find((modifier) => TIME_PARTS.has(modifier) || PLATFORM_PARTS.has(modifier));
    if (has("exists")) {
      return this.#exists(scalar);
    }
    if (scalar.value === null && !has("re")) {
      return this.#absent(scalar);
    }
    if (has("re")) {
      return this.#regex(scalar);
    }
    if (has("cidr")) {
      return this.#network(scalar);
    }
    if (has("fieldref")) {
      return this.#leaf({
        kind: "field",
        other: scalar.text,
        relation: this.#relation(),
        isFolded: !has("cased"),
      });
    }
    if (has("timerange")) {
      return this.#timerange(scalar);
    }
    const relation = this.#modifiers.find((modifier) => NUMBER_RELATIONS.has(modifier)) as
      | NumberRelation
      | undefined;
    if (part !== undefined) {
      const { timezone } = this.#context;
      const value = this.#number(scalar, part === "day_of_week");
      return this.#leaf({
        kind: "time",
        part: part as TimePart,
        relation: relation ?? "eq",
        value,
        timezone,
      });
    }
    if (relation !== undefined) {
      return this.#leaf({ kind: "number", relation, value: this.#number(scalar, false) });
    }
    return this.#texts(scalar);
  }

  #leaf(test: Test): Leaf {
    return { kind: "leaf", field: this.#field, test };
  }

  #texts(scalar: ScalarNode): Condition {
    const written = new Set([scalar.text, String(scalar.value)]);
    let texts: Texts = { patterns: [...written].map(parsePattern), isBytes: false };
    const context: ModifierContext = { placeholders: this.#context.placeholders, span: scalar.span };
    for (const name of this.#modifiers) {
      texts = TEXT_MODIFIERS.get(name)?.(texts, context) ?? texts;
    }
    const isFolded = !this.#modifiers.includes("cased");
    const searched = (pattern: Pattern): Pattern => {
      return this.#isKeyword ? openAt(pattern, { start: true, end: true }) : pattern;
    };
    return oneOf(
      "or",
      texts.patterns.map((pattern) => this.#leaf(testOf(searched(pattern), isFolded))),
    );
  }

  #relation(): TextRelation {
    const found = this.#modifiers.find((name) => ["contains", "startswith", "endswith"].includes(name));
    return found === "startswith"
      ? "prefix"
      : found === "endswith"
        ? "suffix"
        : found === "contains"
          ? found
          : "exact";
  }

  #exists(scalar: ScalarNode): Condition {
    const wanted = /^(?:true|yes)$/i.test(scalar.text)
      ? true
      : /^(?:false|no)$/i.test(scalar.text)
        ? false
        : undefined;
    if (wanted === undefined) {
      throw new RuleProblem("value", "`exists` takes true or false", "write true or false", scalar.span);
    }
    const exists = this.#leaf({ kind: "exists" });
    return wanted ? exists : { kind: "not", of: exists };
  }

  #absent(scalar: ScalarNode): Condition {
    const changing = this.#modifiers.find((name) => name !== "all" && name !== "neq" && name !== "cased");
    if (changing !== undefined || this.#isKeyword) {
      const message =
        changing === undefined ? "null is not a keyword" : `null cannot be used with ${changing}`;
      throw new RuleProblem("value", message, "null alone means that the field is absent", scalar.span);
    }
    return this.#leaf({ kind: "absent" });
  }

  #regex(scalar: ScalarNode): Condition {
    const unfit = this.#modifiers.find(
      (name) =>
        !["re", "all", "neq", "cased", "contains", "startswith", "endswith"].includes(name) &&
        !REGEX_FLAGS.has(name),
    );
    if (unfit !== undefined) {
      const message = `the modifier ${unfit} changes texts, not patterns`;
      throw new RuleProblem("modifier", message, "write the pattern so, or leave out `re`", this.#keySpan);
    }
    const flags = this.#modifiers.filter((name) => REGEX_FLAGS.has(name)).join("");
    const isWhole = this.#context.dialect === "platform" && this.#relation() === "exact" && !this.#isKeyword;
    const at = { startswith: "^(?:", endswith: "(?:" }[
      this.#modifiers.find((name) => /with$/.test(name)) ?? ""
    ];
    const close = this.#modifiers.includes("endswith") ? ")$" : ")";
    const source = at === undefined ? scalar.text : `${at}${scalar.text}${close}`;
    return this.#leaf(regexTest(source, flags, isWhole, scalar.span));
  }

  #network(scalar: ScalarNode): Condition {
    const network = parseNetwork(scalar.text);
    if (network === undefined) {
      const message = `"${scalar.text}" is not a network`;
      throw new RuleProblem("value", message, "write one such as 10.0.0.0/8 or fe80::/10", scalar.span);
    }
    return this.#leaf({ kind: "network", network, source: scalar.text });
  }

  #number(scalar: ScalarNode, isDay: boolean): number {
    const day = isDay ? DAYS.indexOf(scalar.text.toLowerCase()) : -1;
    const value = day >= 0 ? day + 1 : typeof scalar.value === "boolean" ? Number.NaN : Number(scalar.value);
    if (!Number.isFinite(value) || scalar.text.trim() === "") {
      const message = `"${scalar.text}" is not a number`;
      throw new RuleProblem("value", message, "write a number", scalar.span);
    }
    return value;
  }

  #timerange(scalar: ScalarNode): Condition {
    const found = /^(\d{1,2}):(\d{2}) ?- ?(\d{1,2}):(\d{2})$/.exec(scalar.text.trim());
    const [fromHour = 99, fromMinute = 0, toHour = 99, toMinute = 0] = (found ?? []).slice(1).map(Number);
    if (found === null || fromHour > 24 || toHour > 24 || fromMinute > 59 || toMinute > 59) {
      const message = `"${scalar.text}" is not a range of times`;
      throw new RuleProblem("value", message, "write one such as 18:00-08:00", scalar.span);
    }
    const { timezone } = this.#context;
    return this.#leaf({
      kind: "timerange",
      fromMinute: fromHour * 60 + fromMinute,
      toMinute: toHour * 60 + toMinute,
      timezone,
    });
  }
}
