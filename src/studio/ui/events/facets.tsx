import type { ReactNode } from "react";
import type { SearchParameters } from "../../contract/events.ts";
import { useApi } from "../shared/api.ts";
import { Card, Empty } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";

/** The commonest values of the telling fields; a click filters for one. */
export function FacetsCard({
  search,
  onFilter,
}: {
  readonly search: SearchParameters;
  readonly onFilter: (path: string, value: string, isWanted: boolean) => void;
}): ReactNode {
  const { data } = useApi("GET /api/events/facets", { query: search });
  const facets = data?.facets ?? [];
  return (
    <Card title={<span className="sr">Facets</span>}>
      {facets.length === 0 && <Empty>Fields and their commonest values stand here.</Empty>}
      {facets.map(({ path, values }) => (
        <section key={path} className="facet" aria-label={path}>
          <h3 className="mono">{path}</h3>
          <ul>
            {values.map(({ value, events }) => (
              <li key={value}>
                <button
                  type="button"
                  title={`filter for ${path}`}
                  onClick={() => onFilter(path, value, true)}
                >
                  <span className="cut">
                    <Hostile text={value.slice(0, 80)} />
                  </span>
                  <span className="faint mono">{events.toLocaleString("en")}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {data?.ofNewest != null && (
        <p className="pad faint small-text">of the newest {data.ofNewest.toLocaleString("en")}</p>
      )}
    </Card>
  );
}
