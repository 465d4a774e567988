import type { ReactNode } from "react";
import type { Ledger } from "../../contract/runs.ts";
import { Card, Scroll } from "../shared/parts.tsx";

const COLUMNS = [
  ["Received", "received"],
  ["Forwarded", "forwarded"],
  ["Filtered", "filtered"],
  ["Beats", "heartbeats"],
  ["Dead", "deadLettered"],
  ["Returned", "returned"],
  ["Pending", "pending"],
] as const;

export function LedgerCard({ ledger }: { readonly ledger: Ledger }): ReactNode {
  const partitions = [...ledger.partitions].sort((a, b) => Number(a.partition) - Number(b.partition));
  const lags = ledger.partitions.map(({ lagEvents }) => lagEvents).filter((lag) => lag !== null);
  // Nobody knows the sum before the hub has told of any partition.
  const lag = lags.length === 0 ? null : lags.reduce((sum, events) => sum + events, 0);
  return (
    <Card title="Ledger">
      <Scroll className="scroll-x" label="Ledger, scrolls sideways">
        <table aria-label="Ledger">
          <thead>
            <tr>
              <th scope="col">Partition</th>
              {COLUMNS.map(([title]) => (
                <th key={title} scope="col" className="n">
                  {title}
                </th>
              ))}
              <th scope="col" className="n">
                Checkpoint
              </th>
              <th scope="col" className="n">
                Lag
              </th>
            </tr>
          </thead>
          <tbody>
            {partitions.map((row) => (
              <tr key={row.partition}>
                <th scope="row" className="mono">
                  {row.partition}
                </th>
                {COLUMNS.map(([title, name]) => (
                  <td key={title} className="n">
                    {row[name].toLocaleString("en")}
                  </td>
                ))}
                <td className="n mono">{row.checkpoint ?? "—"}</td>
                <td className="n">{row.lagEvents?.toLocaleString("en") ?? "—"}</td>
              </tr>
            ))}
            <tr className="sum">
              <th scope="row">All</th>
              {COLUMNS.map(([title, name]) => (
                <td key={title} className="n">
                  {ledger.total[name].toLocaleString("en")}
                </td>
              ))}
              <td />
              <td className="n">{lag?.toLocaleString("en") ?? "—"}</td>
            </tr>
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}
