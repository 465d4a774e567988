import Form from "@rjsf/core/lib/components/Form.js";
import type {
  FieldProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  RJSFSchema,
  UiSchema,
  ValidatorType,
  WidgetProps,
} from "@rjsf/utils";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { FieldProblem, SavedSecret } from "../../contract/playbook.ts";
import { call } from "../shared/api.ts";
import { Failure } from "../shared/parts.tsx";
import { propertiesOf, type Values } from "./settings.ts";

/** Settings that everybody fills in, or that everybody should have seen; the others are folded. */
const USUAL = new Set([
  "hub_connection_string",
  "hub_name",
  "hub_consumer_group",
  "storage_connection_string",
  "storage_container_name",
  "intake_key",
  "intake_server",
  "chunk_size",
  "categories",
]);

/** What the fields need beside their schema. */
type Surroundings = {
  readonly problems: ReadonlyMap<string, readonly string[]>;
  readonly secrets: ReadonlyMap<string, SavedSecret>;
  readonly required: ReadonlySet<string>;
};

/** The server judges, in the words of the command line; the form only shows what it says. */
const JUDGED_BY_SERVER: ValidatorType = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  isValid: () => true,
  rawValidation: () => ({}),
  toErrorList: () => [],
} as unknown as ValidatorType;

export function SettingsForm({
  schema,
  values,
  secrets,
  problems,
  onChange,
}: {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly values: Values;
  readonly secrets: readonly SavedSecret[];
  readonly problems: readonly FieldProblem[];
  readonly onChange: (values: Values) => void;
}): ReactNode {
  const properties = propertiesOf(schema);
  const uiSchema: UiSchema = { "ui:submitButtonOptions": { norender: true } };
  for (const [name, { writeOnly, type }] of Object.entries(properties)) {
    if (writeOnly) {
      uiSchema[name] = { "ui:widget": "secret" };
    }
    if (type === "array") {
      uiSchema[name] = { "ui:field": "chips" };
    }
  }
  const byField = new Map<string, string[]>();
  for (const { field, text } of problems) {
    byField.set(field, [...(byField.get(field) ?? []), text]);
  }
  const surroundings: Surroundings = {
    problems: byField,
    secrets: new Map(secrets.map((secret) => [secret.name, secret])),
    required: new Set((schema["required"] ?? []) as string[]),
  };
  // Rules between fields are the server's to judge; `format` and `pattern` are too.
  const plain: RJSFSchema = { type: "object", properties: properties as RJSFSchema["properties"] };
  return (
    <Form
      tagName="div"
      schema={plain}
      uiSchema={uiSchema}
      formData={values}
      formContext={surroundings}
      validator={JUDGED_BY_SERVER}
      noHtml5Validate
      showErrorList={false}
      idPrefix="setting"
      widgets={{ secret: SecretWidget, TextWidget, SelectWidget, CheckboxWidget, URLWidget: TextWidget }}
      fields={{ chips: ChipsField }}
      templates={{ FieldTemplate, ObjectFieldTemplate }}
      onChange={({ formData }, id) => {
        // Without a field's id it is the form itself, which fills in defaults.
        if (id !== undefined) {
          onChange((formData ?? {}) as Values);
        }
      }}
    />
  );
}

function surroundingsOf(registry: { readonly formContext: unknown }): Surroundings {
  return registry.formContext as Surroundings;
}

function nameOf(id: string): string {
  return id.replace(/^setting_/, "");
}

function FieldTemplate({ id, label, schema, registry, children }: FieldTemplateProps): ReactNode {
  const { problems, required } = surroundingsOf(registry);
  const name = nameOf(id);
  if (id === "setting") {
    return <>{children}</>;
  }
  const said = problems.get(name) ?? [];
  const isCheckbox = schema.type === "boolean";
  // The asterisk stands outside, so that the field's name is the schema's title and nothing else.
  const title = (
    <span>
      <label htmlFor={id} id={`${id}-label`}>
        {label}
      </label>
      {required.has(name) && (
        <span className="req" aria-hidden="true">
          {" *"}
        </span>
      )}
    </span>
  );
  return (
    <div className={isCheckbox ? "field field-check" : "field"} data-setting={name}>
      {!isCheckbox && title}
      {children}
      {isCheckbox && title}
      {said.map((text) => (
        <span key={text} className="err" id={`${id}-problem`}>
          {text}
        </span>
      ))}
      <span className="hint" id={`${id}-hint`}>
        {schema.description}
      </span>
    </div>
  );
}

function ObjectFieldTemplate({ properties, registry }: ObjectFieldTemplateProps): ReactNode {
  const { problems } = surroundingsOf(registry);
  const usual = properties.filter(({ name }) => USUAL.has(name));
  const more = properties.filter(({ name }) => !USUAL.has(name));
  const hasProblem = more.some(({ name }) => problems.has(name));
  return (
    <div className="fields">
      {usual.map(({ content }) => content)}
      {more.length > 0 && (
        <details className="more" open={hasProblem || undefined}>
          <summary>More settings ({more.length})</summary>
          <div className="fields">{more.map(({ content }) => content)}</div>
        </details>
      )}
    </div>
  );
}

function describedBy(id: string, problems: Surroundings["problems"]) {
  const isWrong = problems.has(nameOf(id));
  return {
    "aria-describedby": isWrong ? `${id}-problem ${id}-hint` : `${id}-hint`,
    "aria-invalid": isWrong,
  };
}

function TextWidget({ id, value, schema, onChange, registry }: WidgetProps): ReactNode {
  const { problems, required } = surroundingsOf(registry);
  const isNumber = schema.type === "integer" || schema.type === "number";
  const example = (schema.examples as unknown[] | undefined)?.[0];
  return (
    <input
      id={id}
      type="text"
      inputMode={isNumber ? "numeric" : "text"}
      autoComplete="off"
      spellCheck={false}
      aria-required={required.has(nameOf(id))}
      {...describedBy(id, problems)}
      value={value === undefined || value === null ? "" : String(value)}
      placeholder={example === undefined || schema.default !== undefined ? "" : String(example)}
      onChange={({ target }) => {
        const { value: text } = target;
        if (text === "") {
          onChange(undefined);
        }
        // What is not a number stays as it was written, for the server to say so.
        else {
          onChange(isNumber && /^-?\d{1,15}$/.test(text) ? Number(text) : text);
        }
      }}
    />
  );
}

function SelectWidget({ id, value, schema, onChange, registry }: WidgetProps): ReactNode {
  const { problems } = surroundingsOf(registry);
  return (
    <select
      id={id}
      {...describedBy(id, problems)}
      value={String(value ?? schema.default ?? "")}
      onChange={({ target }) => onChange(target.value)}
    >
      {(schema.enum ?? []).map((option) => (
        <option key={String(option)}>{String(option)}</option>
      ))}
    </select>
  );
}

function CheckboxWidget({ id, value, schema, onChange, registry }: WidgetProps): ReactNode {
  const { problems } = surroundingsOf(registry);
  return (
    <input
      id={id}
      type="checkbox"
      {...describedBy(id, problems)}
      checked={Boolean(value ?? schema.default)}
      onChange={({ target }) => onChange(target.checked)}
    />
  );
}

/** A password field. A saved value stays on the server until Show asks for it. */
function SecretWidget({ id, value, onChange, registry }: WidgetProps): ReactNode {
  const { problems, secrets, required } = surroundingsOf(registry);
  const name = nameOf(id);
  const saved = secrets.get(name);
  const [isShown, setShown] = useState(false);
  const [revealed, setRevealed] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const isSaved = saved !== undefined && value === undefined;
  const show = async () => {
    setError(null);
    if (isShown) {
      setShown(false);
      setRevealed(null);
      return;
    }
    try {
      if (isSaved) {
        setRevealed((await call("POST /api/playbook/secrets/:name/show", { at: { name } })).value);
      }
      setShown(true);
    } catch (cause) {
      setError(cause as Error);
    }
  };
  const shown = typeof value === "string" ? value : isSaved ? (revealed ?? "") : "";
  const placeholder =
    value === null ? "will be removed by Save" : isSaved ? `•••••••••••••••• ${saved.hint}`.trim() : "";
  return (
    <div className="secret">
      <input
        id={id}
        type={isShown ? "text" : "password"}
        autoComplete="new-password"
        spellCheck={false}
        aria-required={required.has(name)}
        {...describedBy(id, problems)}
        value={shown}
        placeholder={placeholder}
        onChange={({ target }) => {
          setRevealed(null);
          onChange(target.value === "" ? undefined : target.value);
        }}
      />
      <span className="secret-buttons">
        {isSaved && !required.has(name) && (
          <button type="button" className="btn ghost small" onClick={() => onChange(null)}>
            Remove
          </button>
        )}
        <button
          type="button"
          className="btn ghost small"
          aria-pressed={isShown}
          aria-describedby={`${id}-label`}
          disabled={shown === "" && !isSaved}
          onClick={() => void show()}
        >
          {isShown ? "Hide" : "Show"}
        </button>
      </span>
      <Failure error={error} />
    </div>
  );
}

/** A list of words as chips: Enter or a comma adds one, Backspace takes the last one away. */
function ChipsField({ fieldPathId, formData, onChange, schema }: FieldProps): ReactNode {
  const words = (Array.isArray(formData) ? formData : []) as string[];
  const [text, setText] = useState("");
  const id = fieldPathId.$id;
  const set = (list: readonly string[]) => onChange([...list], fieldPathId.path, undefined, id);
  const add = () => {
    const added = text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "" && !words.includes(word));
    setText("");
    if (added.length > 0) {
      set([...words, ...added]);
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && text === "" && words.length > 0) {
      set(words.slice(0, -1));
    }
  };
  return (
    <div className="chips">
      {words.map((word) => (
        <span key={word} className="chip">
          {word}
          <button
            type="button"
            aria-label={`Remove ${word}`}
            onClick={() => set(words.filter((other) => other !== word))}
          >
            ×
          </button>
        </span>
      ))}
      <input
        id={id}
        value={text}
        placeholder="add one"
        autoComplete="off"
        aria-label={schema.title}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={press}
        onBlur={add}
      />
    </div>
  );
}
