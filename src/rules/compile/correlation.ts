/** A correlation: what is counted, over which rules, by which group and in how much time. */
import type { Dialect, RuleInfo } from "../contract.ts";
import type {
  CompiledCorrelation,
  CorrelationType,
  NumberRelation,
  SourceMap,
  SourceNode,
} from "../syntax.ts";
import { RuleProblem } from "./problem.ts";

const TYPES: ReadonlySet<string> = new Set<CorrelationType>([
  "event_count",
  "value_count",
  "temporal",
  "temporal_ordered",
  "value_sum",
  "value_avg",
]);
const RELATIONS: ReadonlySet<string> = new Set(["gt", "gte", "lt", "lte", "eq", "neq"]);
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGER_UNIT_MS: Readonly<Record<string, number>> = {
  w: 7 * 86_400_000,
  M: 30 * 86_400_000,
  y: 365 * 86_400_000,
};
const PLATFORM_MAX_MS = 86_400_000;

/**
 * @param indexOf Where the rule of a name, id or title stands; undefined when none does.
 * @throws RuleProblem for the first thing that is wrong.
 */
export function compileCorrelation(
  info: RuleInfo,
  map: SourceMap,
  dialect: Dialect,
  indexOf: (name: string) => number | undefined,
): CompiledCorrelation {
  const reader = new CorrelationReader(map, dialect);
  const type = reader.type();
  const names = reader.ruleNames();
  const rules = names.map(({ text, span }) => {
    const index = indexOf(text);
    if (index === undefined) {
      const message = `there is no rule "${text}" to correlate`;
      throw new RuleProblem(
        "unknown-rule",
        message,
        "name a rule by its name or id, in any of the files",
        span,
      );
    }
    return index;
  });
  const aliases = reader.aliases();
  const groupBy = reader.texts("group-by").map((name) => ({
    name,
    fields: names.map(({ text }) => aliases.get(name)?.get(text) ?? name),
  }));
  const { bounds, fields } = reader.condition(type);
  return { info, type, rules, groupBy, timespanMs: reader.timespanMs(), bounds, valueFields: fields };
}

/** The names that a correlation refers to, as far as it can be read. */
export function referredRules(map: SourceMap): string[] {
  const value = get(map, "rules") ?? get(map, "rule");
  return scalars(value).map(({ text }) => text);
}

export function generates(map: SourceMap): boolean {
  return scalars(get(map, "generate")).some(({ text }) => /^(?:true|yes)$/i.test(text));
}

type Text = SourceNode & { readonly kind: "scalar" };

function get(map: SourceMap, key: string): SourceNode | undefined {
  return map.entries.find((entry) => entry.key === key)?.value;
}

function scalars(node: SourceNode | undefined): Text[] {
  const items = node?.kind === "list" ? node.items : node === undefined ? [] : [node];
  return items.filter((item): item is Text => item.kind === "scalar" && item.value !== null);
}

class CorrelationReader {
  readonly #map: SourceMap;
  readonly #dialect: Dialect;

  constructor(map: SourceMap, dialect: Dialect) {
    this.#map = map;
    this.#dialect = dialect;
  }

  texts(key: string): string[] {
    return scalars(get(this.#map, key)).map(({ text }) => text);
  }

  type(): CorrelationType {
    const [node] = scalars(get(this.#map, "type"));
    const isOrdered = this.texts("ordered").includes("true");
    if (node === undefined || !TYPES.has(node.text)) {
      const message =
        node === undefined ? "the correlation has no type" : `the type ${node.text} is not supported`;
      throw new RuleProblem(
        "correlation-type",
        message,
        `use one of ${[...TYPES].join(", ")}`,
        node?.span ?? this.#map.span,
      );
    }
    return node.text === "temporal" && isOrdered ? "temporal_ordered" : (node.text as CorrelationType);
  }

  ruleNames(): Text[] {
    const names = scalars(get(this.#map, "rules") ?? get(this.#map, "rule"));
    if (names.length === 0) {
      const message = "the correlation names no rules";
      throw new RuleProblem("unknown-rule", message, "add `rules:` with names or ids", this.#map.span);
    }
    return names;
  }

  /** Group name → rule → field. */
  aliases(): ReadonlyMap<string, ReadonlyMap<string, string>> {
    const map = get(this.#map, "aliases");
    const entries = map?.kind === "map" ? map.entries : [];
    return new Map(
      entries.map(({ key, value }) => {
        const fields = value.kind === "map" ? value.entries : [];
        return [key, new Map(fields.map((field) => [field.key, scalars(field.value)[0]?.text ?? key]))];
      }),
    );
  }

  timespanMs(): number {
    const [node] = scalars(get(this.#map, "timespan") ?? get(this.#map, "timeframe"));
    const found = /^(\d{1,6})([smhdwMy])$/.exec(node?.text.trim() ?? "");
    const unit = found?.[2] ?? "";
    const timespanMs = Number(found?.[1]) * (UNIT_MS[unit] ?? LONGER_UNIT_MS[unit] ?? Number.NaN);
    const span = node?.span ?? this.#map.span;
    if (!(timespanMs > 0)) {
      const hint = "write a number and s, m, h, d, w, M or y, such as 5m";
      throw new RuleProblem("timespan", "the correlation's timespan is missing or no duration", hint, span);
    }
    if (this.#dialect === "platform" && timespanMs > PLATFORM_MAX_MS) {
      throw new RuleProblem(
        "timespan",
        "the platform correlates over 24 hours at most",
        "write 24h or less",
        span,
      );
    }
    return timespanMs;
  }

  condition(type: CorrelationType): { bounds: CompiledCorrelation["bounds"]; fields: string[] } {
    const node = get(this.#map, "condition");
    const isTemporal = type === "temporal" || type === "temporal_ordered";
    if (node === undefined && isTemporal) {
      return { bounds: [], fields: [] };
    }
    if (node?.kind !== "map") {
      const message = node === undefined ? "the correlation has no condition" : "the condition is not a map";
      throw new RuleProblem(
        "correlation-condition",
        message,
        "write one such as `gte: 10`",
        node?.span ?? this.#map.span,
      );
    }
    const fields = scalars(get(node, "field") ?? get(this.#map, "field")).map(({ text }) => text);
    const bounds = node.entries
      .filter(({ key }) => key !== "field")
      .map(({ key, keySpan, value }) => {
        const number = value.kind === "scalar" ? Number(value.value ?? Number.NaN) : Number.NaN;
        const isKnown = RELATIONS.has(key) && (this.#dialect === "standard" || key === "gt" || key === "gte");
        if (!isKnown || !Number.isFinite(number)) {
          const known = this.#dialect === "standard" ? [...RELATIONS].join(", ") : "gt, gte";
          const message = isKnown ? `\`${key}\` needs a number` : `\`${key}\` is not a comparison here`;
          throw new RuleProblem("correlation-condition", message, `known: ${known}`, keySpan);
        }
        return { relation: key as NumberRelation | "neq", value: number };
      });
    if (bounds.length === 0 && !isTemporal) {
      throw new RuleProblem(
        "correlation-condition",
        "the condition compares nothing",
        "add `gte: 10`",
        node.span,
      );
    }
    if (type.startsWith("value_") && (fields.length === 0 || (type !== "value_count" && fields.length > 1))) {
      const message = fields.length === 0 ? `${type} needs a field` : `${type} takes one field`;
      throw new RuleProblem("correlation-condition", message, "add `field:` to the condition", node.span);
    }
    return { bounds, fields };
  }
}
