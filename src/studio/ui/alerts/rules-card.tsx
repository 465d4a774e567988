import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { RuleList } from "../../contract/alerts.ts";
import { useApi, useCommand } from "../shared/api.ts";
import { DiagnosticList } from "../shared/diagnostics.tsx";
import { Card, Empty, Failure, OnSwitch, plural, Scroll } from "../shared/parts.tsx";

export function RulesCard({
  chosen,
  onChoose,
  onTry,
}: {
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
  readonly onTry: () => void;
}): ReactNode {
  const client = useQueryClient();
  const { data, error } = useApi("GET /api/rules");
  const turn = useCommand("POST /api/rules/:id/switch", () =>
    client.invalidateQueries({ queryKey: ["GET /api/rules"] }),
  );
  const rules = data?.rules ?? [];
  return (
    <Card
      title="Rules"
      aside={
        <button type="button" className="btn" onClick={onTry}>
          Try a rule
        </button>
      }
    >
      <Failure error={error ?? turn.error} />
      <DiagnosticList diagnostics={data?.diagnostics ?? []} />
      {data !== undefined && <Feed list={data} />}
      {data !== undefined && rules.length === 0 ? (
        <Empty>
          No rule is loaded. Try one here
          {data.folder === null ? "" : `, and put those to keep into ${data.folder}`}.
        </Empty>
      ) : (
        <Scroll className="scroll-y" label="Rules, scrolls">
          <table aria-label="Rules">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">ATT&amp;CK</th>
                <th scope="col" className="n">
                  Alerts
                </th>
                <th scope="col">
                  <span className="sr">On or off</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rules.map((rule) => (
                <tr key={rule.id} className={rule.id === chosen ? "sel" : ""}>
                  <td>
                    <button type="button" className="row-button strong" onClick={() => onChoose(rule.id)}>
                      {rule.title}
                    </button>
                    <div className="soft">{rule.effort}</div>
                  </td>
                  <td>
                    {rule.techniques.map((technique) => (
                      <span key={technique} className="chip">
                        {technique}
                      </span>
                    ))}
                  </td>
                  <td className="n">{rule.alerts.toLocaleString("en")}</td>
                  <td>
                    <OnSwitch
                      label={`${rule.title} on`}
                      isOn={rule.isOn}
                      isBusy={turn.isPending}
                      onChange={(isOn) => turn.mutate({ at: { id: rule.id }, body: { isOn } })}
                    />
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

/** The intelligence feed's indicators, and how far new ones were tried on what is stored. */
function Feed({ list: { indicators, hunt, folder } }: { readonly list: RuleList }): ReactNode {
  return (
    <>
      <p className="pad-x soft">
        {plural(indicators, "indicator")}.
        {folder === null
          ? ""
          : ` Own rules go into ${folder}, indicators into its folder indicators; both are read as they change.`}
      </p>
      {hunt !== null && (
        <p className="pad-x soft" role="status">
          {plural(hunt.indicators, "new indicator")} {hunt.isRunning ? "are being tried" : "tried"} on stored
          events: {hunt.examined.toLocaleString("en")} of {hunt.of.toLocaleString("en")} looked at,{" "}
          {plural(hunt.hits, "hit")}.
          {hunt.isRunning && (
            <progress aria-label="Progress of the hunt" max={hunt.of} value={hunt.examined} />
          )}
        </p>
      )}
    </>
  );
}
