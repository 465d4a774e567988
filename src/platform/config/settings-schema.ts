import type { ErrorObject } from "ajv";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { ConfigurationInvalid } from "../errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** What is read of a property here; ajv reads the rest. */
type PropertySchema = {
  readonly title?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  /** The value is a secret. */
  readonly writeOnly?: boolean;
};

/** A draft-07 schema of an object. */
export type SettingsSchema = {
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
  /** Rules over several properties; `$comment` is the sentence that says what to set. */
  readonly allOf?: readonly { readonly $comment?: string }[];
};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The texts of `settings` that the schema marks as secrets, valid or not. */
export function secretTexts(schema: SettingsSchema, settings: unknown): string[] {
  if (!isObject(settings)) {
    return [];
  }
  return Object.entries(schema.properties ?? {})
    .filter(([, property]) => property.writeOnly)
    .map(([name]) => settings[name])
    .filter((value) => typeof value === "string" || typeof value === "number")
    .map(String);
}

export type CheckedSettings = {
  /** Defaults applied, texts trimmed, frozen. */
  readonly values: JsonObject;
  /** Properties that the schema does not know; they are kept out of `values`. */
  readonly unknown: readonly string[];
};

/**
 * Validates strictly; only a whole number may come as text, and a text of digits as a number. A property that is null or blank counts as left out, as forms send it so.
 * @throws ConfigurationInvalid with all problems, none of which holds a value of `settings`.
 */
export function checkSettings(schema: SettingsSchema, settings: unknown, where: string): CheckedSettings {
  const { problems, ...checked } = inspectSettings(schema, settings, where);
  if (problems.length > 0) {
    throw new ConfigurationInvalid(problems.map(({ text }) => text));
  }
  return checked;
}

/** A property that breaks a rule; `text` names it, the fault and a right value, and never holds the value it has. */
export type SettingProblem = { readonly field: string; readonly text: string };

/**
 * As `checkSettings`, but tells the problems beside the values.
 * @throws ConfigurationInvalid only if `settings` is not an object.
 */
export function inspectSettings(
  schema: SettingsSchema,
  settings: unknown,
  where: string,
): CheckedSettings & { readonly problems: readonly SettingProblem[] } {
  if (!isObject(settings)) {
    throw new ConfigurationInvalid([`${where} holds ${kindOf(settings)} instead of an object with settings`]);
  }
  const known = schema.properties ?? {};
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(known)) {
    const value = asFormsSend(Object.hasOwn(settings, name) ? settings[name] : undefined, known[name]?.type);
    if (value !== undefined && value !== null && value !== "") {
      values[name] = value;
    }
  }
  // A rule over several properties requires what is defined above it; a test holds that it is.
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    verbose: true,
    strict: true,
    strictRequired: false,
  });
  addFormats.default(ajv);
  ajv.addKeyword({ keyword: "secrets", metaSchema: { type: "array", items: { type: "string" } } });
  const validate = ajv.compile(schema);
  const problems = validate(values) ? [] : problemsOf(validate.errors ?? [], schema);
  for (const value of Object.values(values)) {
    Object.freeze(value);
  }
  return {
    values: Object.freeze(values),
    unknown: Object.keys(settings).filter((name) => !Object.hasOwn(known, name)),
    problems,
  };
}

/** Forms and older configurations send a number as text, or a text of digits as a number; nothing else is converted. */
function asFormsSend(value: unknown, type: string | undefined): unknown {
  if (typeof value === "string") {
    const text = value.trim();
    return type === "integer" && /^\d{1,15}$/.test(text) ? Number(text) : text;
  }
  if (typeof value === "number" && Number.isSafeInteger(value) && type === "string") {
    return String(value);
  }
  return Array.isArray(value) ? [...value] : value;
}

function problemsOf(errors: readonly ErrorObject[], schema: SettingsSchema): SettingProblem[] {
  const known = schema.properties ?? {};
  const problems = new Map<string, string>();
  for (const error of errors) {
    const rule = /^#\/allOf\/(\d+)\//.exec(error.schemaPath)?.[1];
    const path = error.instancePath.split("/").slice(1);
    const name = path[0] ?? missingProperty(error);
    // One fault a field is enough: a text of the wrong form is often too short as well.
    if (name !== undefined && !problems.has(name)) {
      const title = known[name]?.title;
      const field = `\`${[name, ...path.slice(1)].join(".")}\`${title === undefined ? "" : ` (${title})`}`;
      const fault =
        rule === undefined ? faultOf(error) : `${faultOf(error)}: ${schema.allOf?.[Number(rule)]?.$comment}`;
      problems.set(name, `${field} ${fault}${examplesOf(known[name])}`);
    }
  }
  return [...problems].map(([field, text]) => ({ field, text }));
}

/** The property that a rule wants, or wants to be gone. */
function missingProperty({ keyword, params, schema }: ErrorObject): string | undefined {
  if (keyword === "required") {
    return String(params["missingProperty"]);
  }
  return keyword === "not" ? (schema as SettingsSchema).required?.[0] : undefined;
}

function faultOf({ keyword, params, data }: ErrorObject): string {
  switch (keyword) {
    case "required":
      return "is missing";
    case "type":
      return `must be ${WORDS[String(params["type"])] ?? String(params["type"])}, not ${kindOf(data)}`;
    case "pattern":
    case "format":
      return "does not have the expected form";
    case "enum":
      return `must be ${(params["allowedValues"] as readonly unknown[]).join(" or ")}`;
    case "const":
      return `must be ${params["allowedValue"]}`;
    case "not":
      return "must be left out";
    case "minLength":
      return "is empty";
    case "minimum":
      return `must be at least ${params["limit"]}`;
    default:
      return `breaks the rule ${keyword} of its schema`;
  }
}

function examplesOf(property: PropertySchema | undefined): string {
  const examples = property?.examples ?? [];
  const shown = examples.map(
    (example) => `\`${typeof example === "string" ? example : JSON.stringify(example)}\``,
  );
  return shown.length === 0 ? "" : `; a right value is, for example, ${shown.join(" or ")}`;
}

const WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return "nothing";
  }
  if (typeof value === "number" && !Number.isInteger(value)) {
    return "a fraction";
  }
  return WORDS[Array.isArray(value) ? "array" : typeof value] ?? `a ${typeof value}`;
}
