import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { CurvePoint, Figures, Ledger, LogLine, RunDetail } from "../../contract/runs.ts";
import { addressOf, keyOf, useApi, useCommand } from "../shared/api.ts";
import { Chart } from "../shared/chart.tsx";
import { Card, DownloadButton, Empty, Failure, Pill } from "../shared/parts.tsx";
import { useStream } from "../shared/stream.ts";
import { Hostile } from "../shared/text.tsx";
import { AnswersCard } from "./answers-card.tsx";
import { DeadLettersCard } from "./dead-letters-card.tsx";
import { LedgerCard } from "./ledger-card.tsx";
import { LogCard } from "./log-card.tsx";
import { TONES } from "./tones.ts";

const POINTS = 600;
const LIVE_LINES = 2000;

/** One run, live while it runs. */
export function RunView({ id }: { readonly id: string }): ReactNode {
  const client = useQueryClient();
  const { data, error } = useApi("GET /api/runs/:id", { at: { id } });
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const stop = useCommand("POST /api/runs/:id/stop");
  const isRunning = data?.run.status === "Running";
  const change = (merge: (detail: RunDetail) => Partial<RunDetail>) =>
    client.setQueryData<RunDetail>(keyOf("GET /api/runs/:id", { id }), (detail) =>
      detail === undefined ? detail : { ...detail, ...merge(detail) },
    );
  useStream("GET /api/runs/:id/live", {
    at: { id },
    isIdle: !isRunning,
    onMessage: (message) => {
      switch (message.type) {
        case "figures": {
          const { figures, ledger, point } = message;
          change(({ curve }) => ({ figures, ledger, curve: [...curve, point].slice(-POINTS) }));
          return;
        }
        case "answers":
          change(() => ({ answers: message.answers }));
          return;
        case "log":
          setLines((before) => [...before, ...message.lines].slice(-LIVE_LINES));
          return;
      }
    },
  });
  if (data === undefined) {
    return <Failure error={error} />;
  }
  const { run, figures, ledger, curve, answers } = data;
  return (
    <div className="stack">
      <Card
        title={
          <>
            {run.playbook} <Pill tone={TONES[run.status]}>{run.status}</Pill>
          </>
        }
        aside={
          <>
            <DownloadButton address={addressOf("GET /api/runs/:id/export", { id })}>Export</DownloadButton>
            {isRunning && (
              <button
                type="button"
                className="btn"
                aria-busy={stop.isPending}
                onClick={() => stop.mutate({ at: { id } })}
              >
                {stop.isPending ? "Stopping…" : "Stop"}
              </button>
            )}
          </>
        }
      >
        <Failure error={stop.error} />
        {run.reason !== null && (
          <p className={run.status === "Failed" ? "failure" : "banner"} role="status">
            <Hostile text={run.reason} />
          </p>
        )}
        {figures === null ? (
          <Empty>
            {isRunning
              ? "The trigger starts; its first figures come in a moment."
              : "It ended before it told any figures."}
          </Empty>
        ) : (
          <Tiles figures={figures} isRunning={isRunning} />
        )}
        <Curves curve={curve} />
      </Card>
      {ledger !== null && <LedgerCard ledger={ledger} />}
      {ledger !== null && <Balance ledger={ledger} />}
      <div className="columns halves">
        <AnswersCard answers={answers} />
        <DeadLettersCard count={figures?.deadLetters ?? 0} />
      </div>
      <LogCard id={id} live={lines} isRunning={isRunning} />
    </div>
  );
}

function Tiles({
  figures,
  isRunning,
}: {
  readonly figures: Figures;
  readonly isRunning: boolean;
}): ReactNode {
  const { received, forwarded, receivedPerSecond, deadLetters, behindMs } = figures;
  const tiles = [
    { value: received.toLocaleString("en"), name: "received" },
    { value: forwarded.toLocaleString("en"), name: "forwarded" },
    { value: isRunning ? `${Math.round(receivedPerSecond).toLocaleString("en")}/s` : "—", name: "now" },
    { value: deadLetters.toLocaleString("en"), name: "dead letters", isBad: deadLetters > 0 },
    { value: behindMs === null ? "—" : `${(behindMs / 1000).toFixed(1)} s`, name: "behind the hub" },
  ];
  return (
    <dl className="tiles">
      {tiles.map(({ value, name, isBad = false }) => (
        <div key={name} className="tile">
          <dt>{name}</dt>
          <dd className={isBad ? "warn-ink" : ""}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Curves({ curve }: { readonly curve: readonly CurvePoint[] }): ReactNode {
  if (curve.length < 2) {
    return <Empty>The curves begin with the second look at the trigger.</Empty>;
  }
  const at = curve.map((point) => point.at / 1000);
  const lag = curve.map(({ lagEvents }) => lagEvents);
  const rate = curve.map(({ receivedPerSecond }) => receivedPerSecond);
  return (
    <div className="curves">
      <figure>
        <figcaption>Events a second</figcaption>
        <Chart
          label={`Events a second, now ${Math.round(rate.at(-1) ?? 0)}`}
          series={{ at, values: rate }}
          color="--accent"
          height={120}
          kind="curve"
        />
      </figure>
      <figure>
        <figcaption>Lag, events</figcaption>
        <Chart
          label={`Lag in events, now ${lag.at(-1) ?? "unknown"}`}
          series={{ at, values: lag }}
          color="--warn"
          height={120}
          kind="curve"
        />
      </figure>
    </div>
  );
}

/** The law of the accounts, in words; it says so when it is broken. */
function Balance({ ledger }: { readonly ledger: Ledger }): ReactNode {
  const { received, forwarded, filtered, heartbeats, deadLettered, pending, returned } = ledger.total;
  const others = forwarded + filtered + heartbeats + deadLettered + pending + returned;
  return others === received ? null : (
    <p className="failure">
      {received.toLocaleString("en")} were received, and the accounts hold {others.toLocaleString("en")}: the
      difference should never be. Export the run and report it.
    </p>
  );
}
