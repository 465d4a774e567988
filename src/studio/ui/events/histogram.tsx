import type { ReactNode } from "react";
import type { SearchParameters } from "../../contract/events.ts";
import { useApi } from "../shared/api.ts";
import { Chart } from "../shared/chart.tsx";
import { Card, plural } from "../shared/parts.tsx";

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** Events over the time of their reception; dragging selects a period. */
export function HistogramCard({
  search,
  fresh,
  onSearch,
}: {
  readonly search: SearchParameters;
  /** Events that came since, by the live tail. */
  readonly fresh: number;
  readonly onSearch: (search: SearchParameters) => void;
}): ReactNode {
  const { data } = useApi("GET /api/events/histogram", { query: search });
  const fromMs = data === undefined ? 0 : Date.parse(data.from);
  const bucketMs = data?.bucketMs ?? 1000;
  const values = data?.events ?? [];
  const at = values.map((_, index) => (fromMs + (index + 0.5) * bucketMs) / 1000);
  const total = data === undefined ? "" : plural(data.total + fresh, "event");
  return (
    <Card>
      <div className="pad">
        <div className="row">
          <b role="status">{total}</b>
          <span className="grow" />
          <span className="faint small-text">
            {data !== undefined &&
              `received ${TIME.formatRange(fromMs, Date.parse(data.to))} · ${Math.ceil(data.tookMs)} ms`}
          </span>
        </div>
        <Chart
          label={`Events over time, ${total}. Choose a period by dragging, or with the box Period`}
          series={{ at, values }}
          color="--accent"
          height={104}
          kind="bars"
          {...(data !== undefined && {
            period: [fromMs / 1000, Math.max(fromMs + bucketMs, Date.parse(data.to)) / 1000] as const,
          })}
          onSelect={(from, to) =>
            onSearch({
              q: search.q ?? "",
              from: new Date(Math.floor(from)).toISOString(),
              to: new Date(Math.ceil(to)).toISOString(),
            })
          }
        />
      </div>
    </Card>
  );
}
