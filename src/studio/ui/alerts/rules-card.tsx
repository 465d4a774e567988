import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi, useCommand } from "../shared/api.ts";
import { Card, Empty, Failure, OnSwitch } from "../shared/parts.tsx";

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
      {data !== undefined && rules.length === 0 ? (
        <Empty>
          No rule is loaded. Try one here, and put those to keep into the studio's folder of rules.
        </Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div className="scroll-y" role="group" aria-label="Rules, scrolls" tabIndex={0}>
          <table aria-label="Rules">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Effort</th>
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
                  </td>
                  <td className="soft">{rule.effort}</td>
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
        </div>
      )}
    </Card>
  );
}
