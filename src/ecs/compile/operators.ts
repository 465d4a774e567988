/** Operators → closures. */

import type { Evaluate } from "../contract/program.ts";
import type { BinaryOperator, Comparison } from "../contract/template-tree.ts";
import { Fault, type Result, type Value } from "../contract/value.ts";
import {
  add,
  concatenate,
  divide,
  floorDivide,
  modulo,
  multiply,
  negate,
  positive,
  power,
  subtract,
} from "../values/arithmetic.ts";
import { compare, contains, equals, isTruthy } from "../values/compare.ts";
import { sizeOf, spendOnSize } from "./execution-budget.ts";

const BINARY: Readonly<Record<BinaryOperator, (a: Value, b: Value) => Result>> = {
  "+": add,
  "-": subtract,
  "*": multiply,
  "/": divide,
  "//": floorDivide,
  "%": modulo,
  "**": power,
  "~": concatenate,
};

type Verdict = boolean | Fault;

/** `order` says which outcomes of a comparison count. */
function ordered(order: (difference: number) => boolean): (a: Value, b: Value) => Verdict {
  return (a, b) => {
    const difference = compare(a, b);
    return difference instanceof Fault ? difference : order(difference);
  };
}

const COMPARISONS: Readonly<Record<Comparison, (a: Value, b: Value) => Verdict>> = {
  "==": equals,
  "!=": (a, b) => !equals(a, b),
  "<": ordered((difference) => difference < 0),
  "<=": ordered((difference) => difference <= 0),
  ">": ordered((difference) => difference > 0),
  ">=": ordered((difference) => difference >= 0),
  in: (a, b) => contains(b, a),
  "not in": (a, b) => {
    const found = contains(b, a);
    return found instanceof Fault ? found : !found;
  },
};

export function compileBinary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  const operation = BINARY[operator];
  return (context) => {
    const a = left(context);
    if (a instanceof Fault) {
      return a;
    }
    const b = right(context);
    return b instanceof Fault ? b : operation(a, b);
  };
}

/** `a < b < c`: each operand is computed once, and the first "no" ends it. */
export function compileComparison(
  first: Evaluate,
  rest: readonly { operator: Comparison; operand: Evaluate }[],
): Evaluate {
  const [only] = rest;
  if (only !== undefined && rest.length === 1) {
    return compileSingle(first, only.operator, only.operand);
  }
  return (context) => {
    let left = first(context);
    if (left instanceof Fault) {
      return left;
    }
    for (const { operator, operand } of rest) {
      const right = operand(context);
      if (right instanceof Fault) {
        return right;
      }
      const verdict = COMPARISONS[operator](left, right);
      if (verdict !== true) {
        return verdict;
      }
      left = right;
    }
    return true;
  };
}

function compileSingle(left: Evaluate, operator: Comparison, right: Evaluate): Evaluate {
  const test = COMPARISONS[operator];
  const isSearch = operator === "in" || operator === "not in";
  return (context) => {
    const a = left(context);
    if (a instanceof Fault) {
      return a;
    }
    const b = right(context);
    if (b instanceof Fault) {
      return b;
    }
    if (isSearch) {
      spendOnSize(context, sizeOf(b));
    }
    return test(a, b);
  };
}

/** `a == "text"` and `a != "text"`. */
export function compileTextComparison(left: Evaluate, text: string, negated: boolean): Evaluate {
  return (context) => {
    const value = left(context);
    return value instanceof Fault ? value : (value === text) !== negated;
  };
}

/** `item in [constants]`, without building the list each time. */
export function compileMembership(item: Evaluate, constants: readonly Value[], negated: boolean): Evaluate {
  const texts = constants.every((constant) => typeof constant === "string")
    ? new Set<Value>(constants)
    : undefined;
  const list = [...constants];
  return (context) => {
    const value = item(context);
    if (value instanceof Fault) {
      return value;
    }
    const found = texts === undefined ? contains(list, value) === true : texts.has(value);
    return found !== negated;
  };
}

/** `a and b`, `a or b or c`: the value that decided. */
export function compileLogical(kind: "and" | "or", operands: readonly Evaluate[]): Evaluate {
  const wanted = kind === "or";
  const [first, second, ...others] = operands;
  if (first === undefined || second === undefined || others.length > 0) {
    return (context) => {
      let value: Result;
      for (const operand of operands) {
        value = operand(context);
        if (value instanceof Fault || isTruthy(value) === wanted) {
          break;
        }
      }
      return value;
    };
  }
  return (context) => {
    const value = first(context);
    if (value instanceof Fault) {
      return value;
    }
    return isTruthy(value) === wanted ? value : second(context);
  };
}

const UNARY = {
  not: (value: Value): Result => !isTruthy(value),
  negate,
  positive,
};

export function compileUnary(kind: "not" | "negate" | "positive", of: Evaluate): Evaluate {
  const operation = UNARY[kind];
  return (context) => {
    const value = of(context);
    return value instanceof Fault ? value : operation(value);
  };
}

export function compileConditional(
  condition: Evaluate,
  consequent: Evaluate,
  otherwise: Evaluate | undefined,
): Evaluate {
  return (context) => {
    const verdict = condition(context);
    if (verdict instanceof Fault) {
      return verdict;
    }
    if (isTruthy(verdict)) {
      return consequent(context);
    }
    return otherwise?.(context);
  };
}
