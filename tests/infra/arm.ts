/** As much of Azure's template language as the templates in infra/ use, to look at what they come to. */
import { createHash } from "node:crypto";

export type Template = {
  readonly $schema: string;
  readonly contentVersion: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly resources: readonly Resource[];
  readonly outputs?: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
};

export type Parameter = {
  readonly type: "string" | "int";
  readonly defaultValue?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
  readonly allowedValues?: readonly unknown[];
  readonly metadata?: { readonly description?: string };
};

export type Resource = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly name: string;
  readonly condition?: unknown;
  readonly dependsOn?: readonly string[];
};

type Scope = {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly locals: ReadonlyMap<string, unknown>;
};

type Node =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: "member"; readonly of: Node; readonly key: string | number };

/** Everything evaluated: resources whose condition holds, outputs and all, with parameters that were left out at their defaults. */
export function deploy(template: Template, given: Readonly<Record<string, unknown>>) {
  const empty = { template, parameters: given, locals: new Map<string, unknown>() };
  const defaults = Object.entries(template.parameters).map(
    ([name, { defaultValue }]) => [name, given[name] ?? resolve(defaultValue, empty)] as const,
  );
  const scope = { ...empty, parameters: Object.fromEntries(defaults) };
  const resources = template.resources
    .filter(({ condition }) => condition === undefined || resolve(condition, scope) === true)
    .map((resource) => resolve(resource, scope) as Resource);
  const outputs = Object.fromEntries(
    Object.entries(template.outputs ?? {}).map(([name, { value }]) => [name, resolve(value, scope)]),
  );
  return { resources, outputs };
}

/** Every expression of a template, as written. */
export function expressionsOf(value: unknown): string[] {
  if (typeof value === "string") {
    return isExpression(value) ? [value] : [];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.values(value).flatMap(expressionsOf);
}

function isExpression(text: string): boolean {
  return text.startsWith("[") && !text.startsWith("[[") && text.endsWith("]");
}

function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === "string" && isExpression(value)) {
    return evaluate(parse(value.slice(1, -1)), scope);
  }
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, scope)]));
}

function parse(text: string): Node {
  const tokens = text.match(/'(?:[^']|'')*'|[A-Za-z][\w]*|-?\d+|[()[\],.]/g) ?? [];
  let at = 0;
  const expect = (token: string) => {
    if (tokens[at++] !== token) {
      throw new SyntaxError(`${text}: no ${token} at token ${at}`);
    }
  };
  const node = (): Node => {
    const token = tokens[at++] ?? "";
    let found: Node;
    if (token.startsWith("'")) {
      found = { kind: "value", value: token.slice(1, -1).replaceAll("''", "'") };
    } else if (/^-?\d/.test(token)) {
      found = { kind: "value", value: Number(token) };
    } else {
      expect("(");
      const args: Node[] = [];
      while (tokens[at] !== ")") {
        if (args.length > 0) {
          expect(",");
        }
        args.push(node());
      }
      expect(")");
      found = { kind: "call", name: token, args };
    }
    for (;;) {
      if (tokens[at] === ".") {
        at++;
        found = { kind: "member", of: found, key: tokens[at++] ?? "" };
      } else if (tokens[at] === "[") {
        at++;
        found = { kind: "member", of: found, key: Number(tokens[at++]) };
        expect("]");
      } else {
        return found;
      }
    }
  };
  const parsed = node();
  if (at !== tokens.length) {
    throw new SyntaxError(`${text}: something follows the expression`);
  }
  return parsed;
}

function evaluate(node: Node, scope: Scope): unknown {
  switch (node.kind) {
    case "value":
      return node.value;
    case "member":
      return (evaluate(node.of, scope) as Record<string, unknown>)[node.key];
    case "call":
      return call(node.name, node.args, scope);
  }
}

function call(name: string, args: readonly Node[], scope: Scope): unknown {
  if (name === "lambda") {
    const [variable = "", body] = [evaluate(args[0] as Node, scope) as string, args[1] as Node];
    return (item: unknown) =>
      evaluate(body, { ...scope, locals: new Map([...scope.locals, [variable, item]]) });
  }
  // Only the branch that is chosen is looked at, as Azure does.
  if (name === "if") {
    return evaluate(args[evaluate(args[0] as Node, scope) === true ? 1 : 2] as Node, scope);
  }
  const values = args.map((arg) => evaluate(arg, scope));
  switch (name) {
    case "parameters":
      return known(scope.parameters, values[0], name);
    case "variables":
      return resolve(known(scope.template.variables ?? {}, values[0], name), scope);
    case "lambdaVariables":
      return scope.locals.get(String(values[0]));
    default: {
      const run = FUNCTIONS[name];
      if (run === undefined) {
        throw new ReferenceError(`the function ${name} is unknown here`);
      }
      return run(...(values as never[]));
    }
  }
}

function known(values: Readonly<Record<string, unknown>>, name: unknown, kind: string): unknown {
  if (!Object.hasOwn(values, String(name))) {
    throw new ReferenceError(`${kind}('${name}') is not there`);
  }
  return values[String(name)];
}

const SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000";
const GROUP = `${SUBSCRIPTION}/resourceGroups/group`;
const hash = (...texts: string[]) => createHash("sha256").update(texts.join("\n")).digest("hex");

const FUNCTIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  concat: (...texts: string[]) => texts.join(""),
  toLower: (text: string) => text.toLowerCase(),
  length: (list: string | readonly unknown[]) => list.length,
  range: (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index),
  substring: (text: string, from: number, count: number) => text.slice(from, from + count),
  map: (list: readonly unknown[], run: (item: unknown) => unknown) => list.map(run),
  filter: (list: readonly unknown[], run: (item: unknown) => boolean) => list.filter(run),
  contains: (text: string, part: string) => text.includes(part),
  join: (list: readonly string[], by: string) => list.join(by),
  take: (text: string, count: number) => text.slice(0, count),
  split: (text: string, by: string) => text.split(by),
  replace: (text: string, from: string, to: string) => text.replaceAll(from, to),
  empty: (value: string | readonly unknown[]) => value.length === 0,
  not: (value: boolean) => !value,
  greater: (a: number, b: number) => a > b,
  // Thirteen letters and digits, as Azure's.
  uniqueString: (...texts: string[]) =>
    BigInt(`0x${hash(...texts)}`)
      .toString(36)
      .slice(0, 13),
  guid: (...texts: string[]) =>
    hash(...texts).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5"),
  resourceGroup: () => ({ id: GROUP, location: "westeurope" }),
  resourceId: (type: string, ...names: string[]) => {
    const [provider, ...types] = type.split("/");
    if (types.length !== names.length) {
      throw new RangeError(`${type} wants ${types.length} names`);
    }
    return `${GROUP}/providers/${provider}/${types.map((kind, index) => `${kind}/${names[index]}`).join("/")}`;
  },
  subscriptionResourceId: (type: string, name: string) => `${SUBSCRIPTION}/providers/${type}/${name}`,
  listKeys: (id: string) => ({
    primaryConnectionString: `Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=listen;SharedAccessKey=a2V5;EntityPath=${id.split("/eventhubs/")[1]?.split("/")[0]}`,
    keys: [{ value: "c3RvcmFnZS1rZXk=" }],
  }),
  reference: (id: string) => ({
    serviceBusEndpoint: `https://${id.split("/").at(-1)}.servicebus.windows.net:443/`,
    primaryEndpoints: { blob: `https://${id.split("/").at(-1)}.blob.core.windows.net/` },
  }),
  environment: () => ({ suffixes: { storage: "core.windows.net" } }),
};
