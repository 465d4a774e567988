/** The trees that the template room builds and the compile room reads. Offsets count UTF-16 units of the template. */
import type { Value } from "./value.ts";

export type Position = { readonly offset: number; readonly length: number };

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "~";
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

export type CallArguments = {
  readonly positional: readonly { readonly value: Expression; readonly spread: boolean }[];
  readonly named: readonly { readonly name: string; readonly value: Expression }[];
};

export type Expression = { readonly at: Position } & (
  | { readonly kind: "constant"; readonly value: Value }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list" | "tuple"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly entries: readonly { key: Expression; value: Expression }[] }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression }
  | {
      readonly kind: "slice";
      readonly of: Expression;
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: Expression | undefined;
    }
  | { readonly kind: "call"; readonly callee: Expression; readonly args: CallArguments }
  | { readonly kind: "filter"; readonly of: Expression; readonly name: string; readonly args: CallArguments }
  | {
      readonly kind: "test";
      readonly of: Expression;
      readonly name: string;
      readonly args: CallArguments;
      readonly negated: boolean;
    }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "negate" | "positive" | "not"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "compare";
      readonly first: Expression;
      readonly rest: readonly { readonly operator: Comparison; readonly operand: Expression }[];
    }
  | {
      readonly kind: "conditional";
      readonly condition: Expression;
      readonly consequent: Expression;
      readonly otherwise: Expression | undefined;
    }
);

export type Statement =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "output"; readonly value: Expression }
  | { readonly kind: "set"; readonly targets: readonly string[]; readonly value: Expression }
  /** What the body prints, under a name. */
  | { readonly kind: "capture"; readonly target: string; readonly body: readonly Statement[] }
  /** Names that the body alone sees. */
  | {
      readonly kind: "with";
      readonly names: readonly { readonly name: string; readonly value: Expression }[];
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: Expression; readonly body: readonly Statement[] }[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: "for";
      readonly targets: readonly string[];
      readonly over: Expression;
      readonly condition: Expression | undefined;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    };

export type TemplateProblem = { readonly message: string; readonly hint: string; readonly at: Position };

/** A template's statements, or why it is not a template. */
export type ParsedTemplate =
  | { readonly kind: "template"; readonly body: readonly Statement[] }
  | { readonly kind: "problem"; readonly problem: TemplateProblem };
