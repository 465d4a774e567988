import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { useLocation, useParams } from "wouter";
import type { Run, RunPage } from "../../contract/runs.ts";
import { call, keyOf, useApi, useCommand } from "../shared/api.ts";
import { Card, Empty, Failure, Head, OnSwitch, Pill, plural } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";
import { Ago, lengthText } from "../shared/time.tsx";
import { RunView } from "./run.tsx";
import { TONES } from "./tones.ts";

export function RunsPage(): ReactNode {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const client = useQueryClient();
  const { data, error } = useApi("GET /api/runs");
  const { data: playbook } = useApi("GET /api/playbook");
  const { data: studio } = useApi("GET /api/studio");
  const turn = useCommand("POST /api/playbook/switch", (saved) =>
    client.setQueryData(keyOf("GET /api/playbook"), saved),
  );
  const [older, setOlder] = useState<RunPage | null>(null);
  const [olderError, setOlderError] = useState<Error | null>(null);
  const next = older === null ? data?.next : older.next;
  const showOlder = async (cursor: string) => {
    try {
      const page = await call("GET /api/runs", { query: { cursor } });
      setOlder((before) => ({ runs: [...(before?.runs ?? []), ...page.runs], next: page.next }));
    } catch (thrown) {
      setOlderError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  };
  const newest = data?.runs ?? [];
  const known = new Set(newest.map((run) => run.id));
  const runs = [...newest, ...(older?.runs.filter((run) => !known.has(run.id)) ?? [])];
  const chosen = id ?? runs[0]?.id;
  return (
    <>
      <Head title="Runs">
        {playbook?.crash && <Pill tone="bad">Trigger crashed</Pill>}
        <span className="grow" />
        {playbook !== undefined && (
          <OnSwitch
            isOn={playbook.isOn}
            isBusy={turn.isPending}
            onChange={(isOn) => turn.mutate({ body: { isOn } })}
          />
        )}
      </Head>
      <div className="content">
        <Failure error={error ?? turn.error ?? olderError} />
        {data !== undefined && runs.length === 0 ? (
          <Card title="Runs">
            <Empty>
              No run yet. Fill in the configuration on the page Playbook, save it, and switch it on.
              {studio?.hasOwnTrigger &&
                " Until then the command that opened this page runs the trigger by itself; its events are on the page Events."}
            </Empty>
          </Card>
        ) : (
          <div className="columns runs">
            <RunList
              runs={runs}
              chosen={chosen}
              onChoose={(wanted) => go(`/runs/${encodeURIComponent(wanted)}`)}
              onOlder={next ? () => void showOlder(next) : undefined}
            />
            {chosen !== undefined && <RunView key={chosen} id={chosen} />}
          </div>
        )}
      </div>
    </>
  );
}

function RunList({
  runs,
  chosen,
  onChoose,
  onOlder,
}: {
  readonly runs: readonly Run[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
  /** Undefined when all are shown. */
  readonly onOlder: (() => void) | undefined;
}): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = runs[runs.findIndex(({ id }) => id === chosen) + step];
    if (step === 0 || next === undefined) {
      return;
    }
    event.preventDefault();
    onChoose(next.id);
    body.current?.querySelectorAll("button")[runs.indexOf(next)]?.focus();
  };
  return (
    <Card title="Runs">
      <table aria-label="Runs" className="list">
        <tbody ref={body}>
          {runs.map((run) => (
            <tr key={run.id} className={run.id === chosen ? "sel" : ""}>
              <td>
                <button
                  type="button"
                  className="row-button"
                  aria-current={run.id === chosen ? "true" : undefined}
                  onClick={() => onChoose(run.id)}
                  onKeyDown={move}
                >
                  <Pill tone={TONES[run.status]}>{run.status}</Pill>
                  <span className="strong block">
                    {run.reason === null ? (
                      plural(run.events, "event")
                    ) : (
                      <Hostile text={run.reason.slice(0, 160)} />
                    )}
                  </span>
                  <span className="faint small-text block">
                    {run.endedAt === null ? "started " : ""}
                    <Ago at={run.startedAt} />
                    {run.endedAt !== null &&
                      `, after ${lengthText(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`}
                  </span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {onOlder !== undefined && (
        <div className="pad">
          <button type="button" className="btn small" onClick={onOlder}>
            Show older runs
          </button>
        </div>
      )}
    </Card>
  );
}
