import { type ReactNode, useEffect, useRef, useState } from "react";
import type { LogLine } from "../../contract/runs.ts";
import type { LogLevel } from "../../contract/shared.ts";
import { useApi } from "../shared/api.ts";
import { Card, Empty, Failure, LEVEL_TONES, Pill, Scroll } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";
import { Clock } from "../shared/time.tsx";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error", "critical"];

/** The log: filtered by the server, followed by the stream. */
export function LogCard({
  id,
  live,
  isRunning,
}: {
  readonly id: string;
  /** Lines that came since the page looks. */
  readonly live: readonly LogLine[];
  readonly isRunning: boolean;
}): ReactNode {
  const [level, setLevel] = useState<LogLevel>("info");
  const [text, setText] = useState("");
  const [isFollowing, setFollowing] = useState(true);
  const [before, setBefore] = useState<number | undefined>(undefined);
  const { data, error } = useApi("GET /api/runs/:id/log", {
    at: { id },
    query: { level, q: text, limit: 300, ...(before === undefined ? {} : { before }) },
  });
  const stored = data?.lines ?? [];
  const newest = stored.at(-1)?.number ?? -1;
  const fresh =
    before === undefined ? live.filter((line) => line.number > newest && isShown(line, level, text)) : [];
  const lines = [...stored, ...fresh];
  const end = useRef<HTMLElement>(null);
  const last = lines.at(-1)?.number;
  useEffect(() => {
    const { current: box } = end;
    if (isFollowing && last !== undefined && box !== null) {
      box.scrollTop = box.scrollHeight;
    }
  }, [isFollowing, last]);
  return (
    <Card
      title="Log"
      aside={
        <>
          <select
            aria-label="Level"
            value={level}
            onChange={({ target }) => setLevel(target.value as LogLevel)}
          >
            {LEVELS.map((name) => (
              <option key={name} value={name}>
                {name === "debug" ? "all levels" : `${name} and above`}
              </option>
            ))}
          </select>
          <input
            type="search"
            aria-label="Search the log"
            placeholder="Search"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          {isRunning && (
            <label className="row tight check-label">
              <input
                type="checkbox"
                checked={isFollowing}
                onChange={({ target }) => setFollowing(target.checked)}
              />
              Follow
            </label>
          )}
        </>
      }
    >
      <Failure error={error} />
      {lines.length === 0 ? (
        <Empty>
          {text === "" && level === "info"
            ? "No line yet."
            : "No line matches. Choose another level, or empty the search."}
        </Empty>
      ) : (
        <Scroll className="scroll-y log" label="Log lines, scrolls" ref={end}>
          <div className="row pad-x">
            {data?.before != null && (
              <button
                type="button"
                className="btn ghost small"
                onClick={() => setBefore(data.before ?? undefined)}
              >
                Older lines
              </button>
            )}
            {before !== undefined && (
              <button type="button" className="btn ghost small" onClick={() => setBefore(undefined)}>
                Back to the newest
              </button>
            )}
          </div>
          <table aria-label="Log">
            <tbody>
              {lines.map((line) => (
                <tr key={line.number}>
                  <td className="narrow">
                    <Clock at={line.at} />
                  </td>
                  <td className="narrow">
                    <Pill tone={LEVEL_TONES[line.level]}>{line.level}</Pill>
                  </td>
                  <td>
                    <Message line={line} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  );
}

function Message({ line }: { readonly line: LogLine }): ReactNode {
  if (line.fields === null) {
    return <Hostile text={line.message} />;
  }
  return (
    <details>
      <summary>
        <Hostile text={line.message} />
      </summary>
      <pre className="code">
        <Hostile text={line.fields} />
      </pre>
    </details>
  );
}

function isShown({ level, message, fields }: LogLine, least: LogLevel, text: string): boolean {
  const all = `${message} ${fields ?? ""}`.toLowerCase();
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least) && all.includes(text.toLowerCase());
}
