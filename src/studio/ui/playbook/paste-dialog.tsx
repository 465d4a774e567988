import { Dialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { readPaste } from "./paste.ts";
import type { Property, Values } from "./settings.ts";

/** Takes a table, connection strings or outputs, and says what of it is recognised before it is filled in. */
export function PasteDialog({
  properties,
  onFill,
}: {
  readonly properties: Readonly<Record<string, Property>>;
  readonly onFill: (values: Values) => void;
}): ReactNode {
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const { values, unknown } = readPaste(text, properties);
  const names = Object.keys(values);
  const fill = () => {
    onFill(Object.fromEntries(names.map((name) => [name, typed(values[name] ?? "", properties[name])])));
    setText("");
    setOpen(false);
  };
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger className="btn">Paste</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>Paste settings</Dialog.Title>
          <Dialog.Description className="soft">
            The setup guide's table, connection strings, a settings.json, or the outputs of the deployment.
          </Dialog.Description>
          <textarea
            aria-label="Text to read settings from"
            rows={9}
            spellCheck={false}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          <div role="status" className="soft">
            {names.length > 0 && (
              <p>Recognised: {names.map((name) => properties[name]?.title ?? name).join(", ")}.</p>
            )}
            {unknown.length > 0 && <p>Not a setting of this trigger: {unknown.join(", ")}.</p>}
            {text.trim() !== "" && names.length === 0 && (
              <p>
                Nothing is recognised yet. A row needs the setting's name, such as hub_name, and its value.
              </p>
            )}
          </div>
          <div className="row end">
            <Dialog.Close className="btn">Cancel</Dialog.Close>
            <button type="button" className="btn primary" disabled={names.length === 0} onClick={fill}>
              Fill in
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function typed(text: string, property: Property | undefined): unknown {
  if (property?.type === "integer" && /^\d{1,15}$/.test(text)) {
    return Number(text);
  }
  if (property?.type === "boolean") {
    return text === "true";
  }
  if (property?.type === "array") {
    return text
      .replace(/^\[|\]$/g, "")
      .split(",")
      .map((word) => word.trim().replace(/^"|"$/g, ""))
      .filter(Boolean);
  }
  return text;
}
