import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { RuleTrial, TryRule } from "../../contract/alerts.ts";
import { PERIODS } from "../events/search.ts";
import { call, keyOf, useCommand } from "../shared/api.ts";
import { DiagnosticList, DiagnosticPill } from "../shared/diagnostics.tsx";
import { YamlEditor } from "../shared/editor.tsx";
import { Card, Empty, Failure, plural } from "../shared/parts.tsx";
import { EventList, Matches } from "./alert-card.tsx";

const START = `title: A rule to try
logsource:
  product: microsoft
  service: intune
detection:
  selection:
    action.type: OperationalLogs
  condition: selection
level: medium
`;

const ASK_EVERY_MS = 300;

/** A trial as it stands: asked for again while it runs. */
function useTrial(started: RuleTrial | undefined): { trial: RuleTrial | undefined; error: Error | null } {
  const at = { id: started?.id ?? "" };
  const isRunning = started?.state === "running";
  const { data, error } = useQuery<RuleTrial, Error>({
    queryKey: keyOf("GET /api/rules/trials/:id", at),
    queryFn: ({ signal }) => call("GET /api/rules/trials/:id", { at, signal }),
    enabled: isRunning,
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.state === "running" ? ASK_EVERY_MS : false,
  });
  return { trial: isRunning && data !== undefined ? data : started, error: isRunning ? error : null };
}

/** A rule on stored events: its diagnostics, and what it would have hit. It raises nothing. */
export function TryCard({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [text, setText] = useState(START);
  const [dialect, setDialect] = useState<TryRule["dialect"]>("platform");
  const [period, setPeriod] = useState("all");
  const start = useCommand("POST /api/rules/try");
  const stop = useCommand("POST /api/rules/trials/:id/stop");
  const { trial, error } = useTrial(start.data);
  const diagnostics = trial?.diagnostics ?? [];
  return (
    <Card
      title="A rule to try"
      aside={
        <>
          {trial !== undefined && <DiagnosticPill diagnostics={diagnostics} />}
          <select
            aria-label="Dialect"
            value={dialect}
            onChange={({ target }) => setDialect(target.value === "standard" ? "standard" : "platform")}
          >
            <option value="platform">the platform's dialect</option>
            <option value="standard">standard Sigma</option>
          </select>
          <select aria-label="Events of" value={period} onChange={({ target }) => setPeriod(target.value)}>
            {PERIODS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="btn primary"
            aria-busy={start.isPending}
            onClick={() => start.mutate({ body: { text, dialect, period } })}
          >
            Try
          </button>
          {trial?.state === "running" && (
            <button
              type="button"
              className="btn"
              aria-busy={stop.isPending}
              onClick={() => stop.mutate({ at: { id: trial.id } })}
            >
              Stop the trial
            </button>
          )}
          <button type="button" className="btn" onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      <Failure error={start.error ?? stop.error ?? error} />
      <div className="columns halves inside">
        <YamlEditor label="Rule" text={text} diagnostics={diagnostics} onChange={setText} />
        <div className="stack" role="status">
          <DiagnosticList diagnostics={diagnostics} />
          {trial === undefined ? (
            <Empty>
              Paste a rule and press Try: it is tried on the stored events of the period, the newest first.
            </Empty>
          ) : (
            <Trial trial={trial} />
          )}
        </div>
      </div>
    </Card>
  );
}

function Trial({ trial }: { readonly trial: RuleTrial }): ReactNode {
  const { state, total, examined, of, isWhole, tookMs, matches, hits } = trial;
  return (
    <>
      {state === "running" && <progress aria-label="Progress of the trial" max={of} value={examined} />}
      <p className="pad-x">
        <b>{plural(total, "event")} hit</b> of {examined.toLocaleString("en")} looked at
        {isWhole ? "" : `; the period has more, the newest ${of.toLocaleString("en")} are tried`} ·{" "}
        {Math.ceil(tookMs)} ms
        {state === "stopped" ? " · stopped" : ""}
      </p>
      <Matches matches={matches} />
      <EventList events={hits} />
    </>
  );
}
