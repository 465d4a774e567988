import type { ReactNode } from "react";
import type { StageTrace } from "../../contract/shared.ts";
import { Pill } from "./parts.tsx";
import { Hostile, shownValue } from "./text.tsx";

type StageWarning = { readonly stage: string; readonly field: string; readonly reason: string };

const TONES = { ran: "good", filtered: "plain", failed: "warn" } as const;

/** What each item of the pipeline did to one event. */
export function StagesTable({
  stages,
  warnings,
}: {
  readonly stages: readonly StageTrace[];
  readonly warnings: readonly StageWarning[];
}): ReactNode {
  return (
    <table aria-label="Stages">
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">Outcome</th>
          <th scope="col">What it did</th>
        </tr>
      </thead>
      <tbody>
        {stages.map((stage, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stage may come twice, and the list never moves
          <tr key={index}>
            <td className="mono">{stage.stage}</td>
            <td className="narrow">
              <Pill tone={TONES[stage.outcome]}>{stage.outcome}</Pill>
            </td>
            <td className="break">
              {stage.reason !== undefined && (
                <div className="soft">
                  <Hostile text={stage.reason} />
                </div>
              )}
              {warnings
                .filter((warning) => warning.stage === stage.stage && stage.outcome !== "filtered")
                .map(({ field, reason }) => (
                  <div key={`${field} ${reason}`}>
                    <Pill tone="warn">warning</Pill>{" "}
                    <Hostile text={field === "" ? reason : `${field}: ${reason}`} />
                  </div>
                ))}
              {stage.set.map(({ path, json }) => (
                <div key={path} className="mono small-text">
                  {path} = <Hostile text={shownValue(json)} />
                </div>
              ))}
              {stage.notComputed.map(({ path, reason }) => (
                <div key={path} className="faint small-text">
                  {path} was not set: <Hostile text={reason} />
                </div>
              ))}
              {stage.deleted.length > 0 && <div className="faint">deleted {stage.deleted.join(", ")}</div>}
              {stage.output !== undefined && (
                <details>
                  <summary className="faint small-text">its result</summary>
                  <pre className="code">
                    <Hostile text={stage.output} />
                  </pre>
                </details>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
