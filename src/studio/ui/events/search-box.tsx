import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useApi } from "../shared/api.ts";
import { Hostile } from "../shared/text.tsx";
import { type Writing, writingAt } from "./search.ts";

const SHOWN = 8;

/** The search with completion of fields and values. Enter searches; arrows and Tab choose what is offered, Esc closes it. */
export function SearchBox({
  q,
  onSearch,
  children,
}: {
  readonly q: string;
  /** Stands between the box and its button. */
  readonly children: ReactNode;
  readonly onSearch: (q: string) => void;
}): ReactNode {
  const [text, setText] = useState(q);
  const [writing, setWriting] = useState<Writing | null>(null);
  const [at, setAt] = useState(-1);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => setText(q), [q]);
  const fields = useApi("GET /api/events/fields");
  const values = useApi("GET /api/events/values", {
    query: writing?.kind === "value" ? { field: writing.field, prefix: writing.text } : { field: "" },
    isIdle: writing?.kind !== "value",
  });
  const offered = offer(
    writing,
    fields.data?.fields.map(({ path }) => path) ?? [],
    writing?.kind === "value" ? (values.data?.values ?? []) : [],
  );
  const choose = (choice: string) => {
    if (writing === null) {
      return;
    }
    const { current: input } = box;
    const cursor = input?.selectionStart ?? text.length;
    const put =
      writing.kind === "field" ? `${choice}:` : `"${choice.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    const next = text.slice(0, writing.start) + put + text.slice(cursor);
    setText(next);
    setAt(-1);
    const place = writing.start + put.length;
    setWriting(writing.kind === "field" ? writingAt(next, place) : null);
    requestAnimationFrame(() => input?.setSelectionRange(place, place));
  };
  const press = (event: KeyboardEvent) => {
    const chosen = offered[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (offered.length === 0) {
        return;
      }
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((at + step + offered.length + (at < 0 && step < 0 ? 1 : 0)) % offered.length);
    } else if (event.key === "Escape" && writing !== null) {
      event.preventDefault();
      setWriting(null);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen !== undefined) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Enter") {
      setWriting(null);
      onSearch(text);
    }
  };
  const isOpen = offered.length > 0;
  return (
    <div className="search-box">
      <input
        ref={box}
        type="search"
        aria-label="Search"
        aria-autocomplete="list"
        aria-controls={isOpen ? "search-offers" : undefined}
        aria-activedescendant={isOpen && at >= 0 ? `search-offer-${at}` : undefined}
        placeholder='user.name:"Pipin*" AND NOT action.type:Devices'
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setAt(-1);
          setWriting(writingAt(target.value, target.selectionStart ?? target.value.length));
        }}
        onKeyDown={press}
        onBlur={() => setWriting(null)}
      />
      {children}
      <button type="button" className="btn primary" onClick={() => onSearch(text)}>
        Search
      </button>
      {isOpen && (
        <div id="search-offers" role="listbox" aria-label="Completions" className="offers">
          {offered.map((choice, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the box has the focus and its keys choose
            <div
              key={choice}
              id={`search-offer-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(choice)}
            >
              <Hostile text={choice} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function offer(
  writing: Writing | null,
  fields: readonly string[],
  values: readonly string[],
): readonly string[] {
  if (writing === null) {
    return [];
  }
  if (writing.kind === "value") {
    return values.filter((value) => value !== writing.text).slice(0, SHOWN);
  }
  const wanted = writing.text.toLowerCase();
  return fields
    .filter((path) => path.includes(wanted) && path !== writing.text)
    .sort((a, b) => Number(b.startsWith(wanted)) - Number(a.startsWith(wanted)))
    .slice(0, SHOWN);
}
