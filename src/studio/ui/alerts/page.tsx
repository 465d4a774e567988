import { type KeyboardEvent, lazy, type ReactNode, Suspense, useState } from "react";
import { useLocation, useParams } from "wouter";
import type { Alert } from "../../contract/alerts.ts";
import { useApi } from "../shared/api.ts";
import { Card, Empty, Failure, Head, LEVEL_TONES, Pill, plural } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";
import { Ago } from "../shared/time.tsx";
import { AlertCard } from "./alert-card.tsx";
import { RulesCard } from "./rules-card.tsx";

const TryCard = lazy(async () => ({ default: (await import("./try-card.tsx")).TryCard }));

const STATES = [
  ["open", "Open"],
  ["closed", "Closed"],
  ["all", "Open and closed"],
] as const;

/** The most that the server gives at once. */
const SHOWN = 500;

export function AlertsPage(): ReactNode {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const [state, setState] = useState<(typeof STATES)[number][0]>("open");
  const [rule, setRule] = useState<string | null>(null);
  const [isTrying, setTrying] = useState(false);
  const { data, error } = useApi("GET /api/alerts", { query: { state, limit: SHOWN } });
  const alerts = data?.alerts ?? [];
  const chosen = id ?? alerts[0]?.id;
  return (
    <>
      <Head title="Alerts">
        <span className="grow" />
        <select
          aria-label="Which alerts"
          value={state}
          onChange={({ target }) => setState(STATES.find(([value]) => value === target.value)?.[0] ?? "open")}
        >
          {STATES.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </Head>
      <div className="content">
        <Failure error={error} />
        <Card title="Alerts">
          {data !== undefined && alerts.length === 0 ? (
            <Empty>
              No {state === "all" ? "" : state} alert. Rules look at every event that the local intake parses;
              send the samples on the page Playbook to see one fire.
            </Empty>
          ) : (
            <AlertTable
              alerts={alerts}
              chosen={chosen}
              onChoose={(next) => {
                setRule(null);
                go(`/alerts/${encodeURIComponent(next)}`);
              }}
            />
          )}
          {data?.next != null && (
            <p className="pad-x soft">The newest {SHOWN} are shown. Close those that are done.</p>
          )}
        </Card>
        <div className="columns halves">
          <RulesCard chosen={rule} onChoose={setRule} onTry={() => setTrying(true)} />
          <AlertCard id={chosen} rule={rule} />
        </div>
        {isTrying && (
          <Suspense fallback={<p className="faint">Loading the editor…</p>}>
            <TryCard onClose={() => setTrying(false)} />
          </Suspense>
        )}
      </div>
    </>
  );
}

function AlertTable({
  alerts,
  chosen,
  onChoose,
}: {
  readonly alerts: readonly Alert[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const move = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const at = alerts.findIndex(({ id }) => id === chosen) + step;
    const next = alerts[at];
    if (step === 0 || next === undefined) {
      return;
    }
    event.preventDefault();
    onChoose(next.id);
    event.currentTarget.querySelectorAll("button")[at]?.focus();
  };
  return (
    <table aria-label="Alerts" className="list">
      <thead>
        <tr>
          <th scope="col">Level</th>
          <th scope="col">Rule</th>
          <th scope="col">First</th>
          <th scope="col">Last</th>
          <th scope="col" className="n">
            Events
          </th>
        </tr>
      </thead>
      <tbody onKeyDown={move}>
        {alerts.map((alert) => (
          <tr key={alert.id} className={alert.id === chosen ? "sel" : ""} onClick={() => onChoose(alert.id)}>
            <td className="narrow">
              <Pill tone={LEVEL_TONES[alert.level]}>{alert.level}</Pill>
            </td>
            <td>
              <button
                type="button"
                className="row-button strong"
                aria-current={alert.id === chosen ? "true" : undefined}
                onClick={() => onChoose(alert.id)}
              >
                {alert.rule}
              </button>
              <div className="soft clamp">
                <Hostile text={[alert.entity, alert.description].filter((part) => part !== "").join(" · ")} />
              </div>
              {alert.state === "closed" && <Pill tone="plain">closed</Pill>}
            </td>
            <td className="faint nowrap">
              <Ago at={alert.firstAt} />
            </td>
            <td className="faint nowrap">
              <Ago at={alert.lastAt} />
            </td>
            <td className="n nowrap">{plural(alert.events, "event")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
