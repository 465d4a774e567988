/** Rule sources → a set of rules that refer to each other. */
import type { CompileOptions, Diagnostic, Dialect, Logsource, RuleInfo } from "../contract.ts";
import type {
  CompiledCorrelation,
  CompiledDetection,
  CompiledRules,
  Condition,
  RuleSource,
  SourceMap,
} from "../syntax.ts";
import { isTimeZone } from "../values/time.ts";
import { compileCorrelation, generates, referredRules } from "./correlation.ts";
import { compileDetection } from "./detection.ts";
import type { ItemContext } from "./item.ts";
import { RuleProblem } from "./problem.ts";

type CorrelationSource = { readonly source: RuleSource; readonly map: SourceMap };

/** What does not compile is reported and left out. */
export function compileSources(
  sources: readonly RuleSource[],
  options: CompileOptions,
): { rules: CompiledRules; diagnostics: Diagnostic[] } {
  const compiler = new SetCompiler(options);
  const detections = compiler.detections(sources);
  const correlations = compiler.correlations(sources, detections);
  const indicators = sources.filter(({ body }) => body.kind === "indicators").map(({ info }) => info);
  return {
    rules: compiler.withSilent({ detections, correlations, indicators }),
    diagnostics: compiler.diagnostics,
  };
}

class SetCompiler {
  readonly diagnostics: Diagnostic[] = [];
  readonly #dialect: Dialect;
  readonly #placeholders: Readonly<Record<string, readonly string[]>>;
  /** Rules that correlations refer to, of correlations that compiled; with whether they alert anyway. */
  readonly #referred = new Map<number, boolean>();

  constructor({ dialect, placeholders = {} }: CompileOptions) {
    this.#dialect = dialect;
    this.#placeholders = placeholders;
  }

  detections(sources: readonly RuleSource[]): CompiledDetection[] {
    const filters = sources.flatMap((source) => this.#filter(source));
    return sources.flatMap((source) => {
      const { info, body } = source;
      if (body.kind !== "detection") {
        return [];
      }
      return this.#attempt(source, () => {
        const condition = compileDetection(body.detection, this.#context(body.timezone));
        const narrowing = filters.filter((filter) => filter.isFor(info)).map((filter) => filter.condition);
        return {
          info,
          condition: narrowing.length === 0 ? condition : { kind: "and", of: [condition, ...narrowing] },
        };
      });
    });
  }

  /** Each in an order in which what it refers to comes first. */
  correlations(
    sources: readonly RuleSource[],
    detections: readonly CompiledDetection[],
  ): CompiledCorrelation[] {
    const indexes = new Map<string, number>();
    const note = ({ name, id, title }: RuleInfo, index: number): void => {
      for (const key of [title, name, id]) {
        if (key !== undefined && !indexes.has(key)) {
          indexes.set(key, index);
        }
      }
    };
    detections.forEach(({ info }, index) => {
      note(info, index);
    });
    let waiting = sources.flatMap((source): CorrelationSource[] => {
      return source.body.kind === "correlation" ? [{ source, map: source.body.correlation }] : [];
    });
    const compiled: CompiledCorrelation[] = [];
    while (waiting.length > 0) {
      const later = waiting.filter(({ map }) => {
        return referredRules(map).some(
          (name) => !indexes.has(name) && waiting.some((other) => isNamed(other, name)),
        );
      });
      const now = later.length === waiting.length ? waiting : waiting.filter((each) => !later.includes(each));
      for (const { source, map } of now) {
        for (const correlation of this.#attempt(source, () => {
          return compileCorrelation(source.info, map, this.#dialect, (name) => indexes.get(name));
        })) {
          note(source.info, detections.length + compiled.length);
          compiled.push(correlation);
          for (const index of correlation.rules) {
            this.#referred.set(index, (this.#referred.get(index) ?? false) || generates(map));
          }
        }
      }
      waiting = later.length === waiting.length ? [] : later;
    }
    return compiled;
  }

  /** What only feeds correlations makes no alerts of its own. */
  withSilent({ detections, correlations, indicators }: CompiledRules): CompiledRules {
    const told = <Rule extends { readonly info: RuleInfo }>(rule: Rule, index: number): Rule => {
      return this.#referred.get(index) === false
        ? { ...rule, info: { ...rule.info, isAlerting: false } }
        : rule;
    };
    return {
      detections: detections.map(told),
      correlations: correlations.map((rule, index) => told(rule, detections.length + index)),
      indicators,
    };
  }

  #context(timezone: (RuleSource["body"] & { kind: "detection" })["timezone"]): ItemContext {
    const base = { dialect: this.#dialect, placeholders: this.#placeholders };
    if (timezone === undefined) {
      return { ...base, timezone: "UTC" };
    }
    const name = timezone.kind === "scalar" ? timezone.text : "";
    if (!isTimeZone(name)) {
      throw new RuleProblem(
        "timezone",
        `there is no time zone "${name}"`,
        "write one such as Europe/Paris",
        timezone.span,
      );
    }
    return { ...base, timezone: name };
  }

  #filter(source: RuleSource): { isFor(info: RuleInfo): boolean; condition: Condition }[] {
    const { body, info } = source;
    if (body.kind !== "filter") {
      return [];
    }
    return this.#attempt(source, () => {
      const condition = compileDetection(body.filter, this.#context(undefined));
      const names = new Set(referredRules(body.filter));
      const isForAny = names.size === 0 || names.has("any");
      return {
        condition,
        isFor: (rule: RuleInfo) =>
          (isForAny ||
            [rule.id, rule.name, rule.title].some((name) => name !== undefined && names.has(name))) &&
          isWithin(rule.logsource, info.logsource),
      };
    });
  }

  #attempt<Result>({ info }: RuleSource, compile: () => Result): Result[] {
    try {
      return [compile()];
    } catch (error) {
      if (!(error instanceof RuleProblem)) {
        throw error;
      }
      const { code, message, hint, span } = error;
      this.diagnostics.push({ severity: "error", code, message: `${info.title}: ${message}`, hint, span });
      return [];
    }
  }
}

function isNamed({ source }: CorrelationSource, name: string): boolean {
  const { info } = source;
  return info.id === name || info.name === name || info.title === name;
}

function isWithin(rule: Logsource, filter: Logsource): boolean {
  return (["category", "product", "service"] as const).every((key) => {
    return filter[key] === undefined || filter[key] === rule[key];
  });
}
