import { type ReactNode, useState } from "react";

/** Controls, bidirectional overrides and isolates, invisible joiners, and halves of surrogate pairs: what would hide or turn text. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff])/;

const SHOWN_AT_FIRST = 4000;
const SHOWN_MORE = 100_000;

/** Text from an event, a log or a server: never markup, nothing hidden or turned, and not more of it than a page can carry. */
export function Hostile({ text }: { readonly text: string }): ReactNode {
  const [length, setLength] = useState(SHOWN_AT_FIRST);
  const parts = text.slice(0, length).split(UNSEEN);
  return (
    <bdi className="hostile">
      {parts.map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
          <span key={index} className="unseen" title={`the character ${codeOf(part)}, which is not seen`}>
            {codeOf(part)}
          </span>
        ),
      )}
      {text.length > length && (
        <button type="button" className="btn ghost small" onClick={() => setLength(length + SHOWN_MORE)}>
          … {(text.length - length).toLocaleString("en")} more characters
        </button>
      )}
    </bdi>
  );
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The value of a field for a person: texts without quotes, all else as JSON. */
export function shownValue(json: string): string {
  if (!json.startsWith('"')) {
    return json;
  }
  try {
    return String(JSON.parse(json));
  } catch {
    // A value that was cut is not JSON any more.
    return json;
  }
}
