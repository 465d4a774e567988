import type { ReactNode } from "react";
import type { CheckLine, Draft } from "../../contract/playbook.ts";
import { useCommand } from "../shared/api.ts";
import { useLive } from "../shared/live.tsx";
import { Card, Empty, Failure, Pill } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";

const TONES = { passed: "good", failed: "bad", warning: "warn", skipped: "plain" } as const;

/** The preflight's lines, as they come. */
export function CheckCard({
  draft,
  isFilling,
}: {
  readonly draft: Draft;
  /** The form is about to hold something else. */
  readonly isFilling: boolean;
}): ReactNode {
  const { check } = useLive();
  const start = useCommand("POST /api/check");
  const lines = check?.lines ?? [];
  const failed = lines.filter(({ status }) => status === "failed").length;
  const isRunning = check?.state === "running";
  return (
    <Card
      title="Check"
      aside={
        <>
          <span className="faint" role="status">
            {lines.length > 0 &&
              `${lines.length} of ${Math.max(check?.of ?? 0, lines.length)}${failed > 0 ? `, ${failed} failed` : isRunning ? "" : ", none failed"}`}
          </span>
          <button
            type="button"
            className="btn"
            aria-busy={isRunning}
            disabled={isFilling}
            onClick={() => start.mutate({ body: draft })}
          >
            Check
          </button>
        </>
      }
    >
      <Failure error={start.error} />
      {check?.state === "failed" && <p className="failure">{check.reason}</p>}
      {lines.length === 0 ? (
        <Empty>
          {isRunning
            ? "The first line comes in a moment."
            : "Check tries each setting on its own: the hub, the storage and the intake, and says what to do where one fails."}
        </Empty>
      ) : (
        <table aria-label="Check">
          <tbody>
            {lines.map((line) => (
              <Line key={line.id} line={line} />
            ))}
          </tbody>
        </table>
      )}
      {isRunning && <progress aria-label="Progress of the check" max={check.of} value={lines.length} />}
    </Card>
  );
}

function Line({ line }: { readonly line: CheckLine }): ReactNode {
  return (
    <tr>
      <td className="narrow">
        <Pill tone={TONES[line.status]}>{line.status}</Pill>
      </td>
      <td>
        <div>
          <span className="strong">{line.title}</span>{" "}
          <span className="faint small-text">{line.guideStep}</span>
        </div>
        {line.cause === null ? (
          <div className="soft">
            <Hostile text={line.detail ?? ""} />
          </div>
        ) : (
          <>
            <div className="soft">
              <Hostile text={line.cause} />
            </div>
            {line.fix !== null && (
              <div>
                <b>Fix</b> <Hostile text={line.fix} />
              </div>
            )}
          </>
        )}
      </td>
    </tr>
  );
}
