import { type ReactNode, useState } from "react";
import type { TryRule } from "../../contract/alerts.ts";
import { PERIODS } from "../events/search.ts";
import { useCommand } from "../shared/api.ts";
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

/** A rule on stored events: its diagnostics, and what it would have hit. It raises nothing. */
export function TryCard({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [text, setText] = useState(START);
  const [dialect, setDialect] = useState<TryRule["dialect"]>("platform");
  const [period, setPeriod] = useState("all");
  const trial = useCommand("POST /api/rules/try");
  const diagnostics = trial.data?.diagnostics ?? [];
  return (
    <Card
      title="A rule to try"
      aside={
        <>
          {trial.data !== undefined && <DiagnosticPill diagnostics={diagnostics} />}
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
            aria-busy={trial.isPending}
            onClick={() => trial.mutate({ body: { text, dialect, period } })}
          >
            Try
          </button>
          <button type="button" className="btn" onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      <Failure error={trial.error} />
      <div className="columns halves inside">
        <YamlEditor label="Rule" text={text} diagnostics={diagnostics} onChange={setText} />
        <div className="stack" role="status">
          <DiagnosticList diagnostics={diagnostics} />
          {trial.data === undefined ? (
            <Empty>
              Paste a rule and press Try: it is tried on the stored events of the period, the newest first.
            </Empty>
          ) : (
            <>
              <p className="pad-x">
                <b>{plural(trial.data.total, "event")} hit</b> of {trial.data.examined.toLocaleString("en")}{" "}
                looked at
                {trial.data.isExaminedAll ? "" : ", the newest ones"} · {Math.ceil(trial.data.tookMs)} ms
              </p>
              <Matches matches={trial.data.matches} />
              <EventList events={trial.data.hits} />
            </>
          )}
        </div>
      </div>
    </Card>
  );
}
