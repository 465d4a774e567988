/** What an external stage of the language is. */
import type { Value } from "./value.ts";

/** The parser returned no value: no match, no input or unusable input. Never thrown. */
export class StageFailure {
  readonly reason: string;
  /** The result that counts anyway while no earlier stage of the name has one: None, or what the stage says. */
  readonly standIn: Value;
  /** The stage had nothing to do: its name stays as undefined as if it had not been there. */
  readonly isIdle: boolean;
  constructor(
    reason: string,
    { standIn = null, isIdle = false }: { standIn?: Value; isIdle?: boolean } = {},
  ) {
    this.reason = reason;
    this.standIn = standIn;
    this.isIdle = isIdle;
  }
}

/** What of a value anything reads: all of it, or what the keys lead to; without keys only whether it is there. */
export type Reads = "all" | ReadonlyMap<string, Reads>;

export type StageInput = {
  /** What `input_field` names; undefined when it names nothing. */
  readonly value: Value;
  /** The stage's properties of kind `template`, rendered for this event. */
  readonly rendered: Readonly<Record<string, Value>>;
  /** The current time in milliseconds since 1970; dates without a year take theirs from it. */
  readonly nowMs: number;
  /** What of the result is read; a stage may leave out the rest. */
  readonly reads: Reads;
};

export type StageRunner = (input: StageInput) => Value | StageFailure;

export type StageProperty = {
  readonly name: string;
  /** `text` is used as written, `template` is rendered for each event, `map` is a map of texts. */
  readonly kind: "text" | "template" | "boolean" | "list" | "map";
  readonly summary: string;
};

export type StageExample = {
  readonly title: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** The rendered properties of kind `template`; absent ones are undefined. */
  readonly rendered?: Readonly<Record<string, string>>;
  readonly input: string;
  /** Plain JSON of the result, or `"failure"` as the whole result. */
  readonly result: unknown;
};

/** One external stage of the language, such as `kv.parse-kv`. `input_field` and `output_field` are the runner's business. */
export type StageDefinition = {
  readonly name: string;
  readonly summary: string;
  readonly properties: readonly StageProperty[];
  readonly examples: readonly [StageExample, ...StageExample[]];
  /**
   * Done once a format; must be cheap, so that patterns are compiled at first use.
   * @param properties As written in the YAML, unchecked.
   */
  prepare(properties: Readonly<Record<string, unknown>>): StageRunner;
};
