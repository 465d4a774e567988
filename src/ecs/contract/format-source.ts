/** What the source room reads from a format's files. */
import type { Span } from "../../kernel/diagnostic.ts";
import type { Value } from "./value.ts";

/** A declared field: its dotted path and the name of its type. */
export type FieldDeclaration = { readonly path: string; readonly type: string; readonly typeSpan: Span };

/** A text of a format file, with the way back to its place there. */
export type SourceText = {
  readonly text: string;
  /** Where `length` characters from `offset` on stand in the file. */
  at(offset: number, length: number): Span;
};

/** A value of a format file. Scalars that are not text keep their YAML type. */
export type SourceValue = { readonly span: Span } & (
  | { readonly kind: "text"; readonly text: SourceText }
  | { readonly kind: "scalar"; readonly value: Value }
  | { readonly kind: "list"; readonly items: readonly SourceValue[] }
  | { readonly kind: "map"; readonly entries: readonly SourceEntry[] }
);

export type SourceEntry = {
  /** The key as text: `True` for a YAML true. */
  readonly key: string;
  readonly keySpan: Span;
  readonly value: SourceValue;
};

export type ActionSource = { readonly span: Span; readonly filter: SourceValue | undefined } & (
  | { readonly kind: "set"; readonly fields: readonly SourceEntry[] }
  | {
      readonly kind: "translate";
      readonly dictionary: readonly SourceEntry[];
      readonly mapping: readonly SourceEntry[];
      readonly fallback: SourceValue | undefined;
    }
  | { readonly kind: "delete"; readonly paths: readonly SourceText[] }
);

export type StageSource = {
  readonly name: string;
  readonly span: Span;
  readonly actions: readonly ActionSource[];
};

export type PipelineItemSource = {
  readonly name: string;
  readonly span: Span;
  readonly filter: SourceValue | undefined;
  /** Undefined for a plain stage. */
  readonly external:
    | { readonly stage: string; readonly stageSpan: Span; readonly properties: readonly SourceEntry[] }
    | undefined;
};

/** A parser file, read and checked for its shape. */
export type FormatSource = {
  readonly name: string;
  readonly pipeline: readonly PipelineItemSource[];
  readonly stages: readonly StageSource[];
  readonly ignoredValues: readonly Value[];
};
