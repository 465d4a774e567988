import type { Draft } from "../../contract/playbook.ts";

/** Values by field; a secret that was not touched is not there, one that is to be removed is null. */
export type Values = Readonly<Record<string, unknown>>;

export type Property = {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly writeOnly?: boolean;
};

export function propertiesOf(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, Property>> {
  return (schema["properties"] ?? {}) as Readonly<Record<string, Property>>;
}

/** As the server takes it: secrets apart from the rest. */
export function draftFor(values: Values, schema: Readonly<Record<string, unknown>>): Draft {
  const properties = propertiesOf(schema);
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const isSecret = (name: string) => properties[name]?.writeOnly === true;
  return {
    settings: Object.fromEntries(entries.filter(([name, value]) => !isSecret(name) && value !== null)),
    secrets: Object.fromEntries(entries.filter(([name]) => isSecret(name))) as Draft["secrets"],
  };
}
