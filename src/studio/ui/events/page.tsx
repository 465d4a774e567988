import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useLocation, useParams, useSearch } from "wouter";
import type { Hit, Hits, SearchParameters } from "../../contract/events.ts";
import { addressOf, call, Refused, useApi, useCommand } from "../shared/api.ts";
import { Card, CopyButton, DownloadButton, Empty, Failure, Head, Pill, plural } from "../shared/parts.tsx";
import { EventDetailCard } from "./detail.tsx";
import { FacetsCard } from "./facets.tsx";
import { HistogramCard } from "./histogram.tsx";
import { PERIODS, readSearch, termOf, withTerm, writeSearch } from "./search.ts";
import { SearchBox } from "./search-box.tsx";
import { EventsTable } from "./table.tsx";
import { useTail } from "./tail.ts";

const COUNTED = ["GET /api/events/histogram", "GET /api/events/facets"];

export function EventsPage(): ReactNode {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const search = readSearch(useSearch());
  const [wantsLive, setWantsLive] = useState(true);
  const to = (next: SearchParameters, event: string | undefined) => {
    const text = writeSearch(next);
    go(
      `/events${event === undefined ? "" : `/${encodeURIComponent(event)}`}${text === "" ? "" : `?${text}`}`,
    );
  };
  const filter = (path: string, value: string, isWanted: boolean) =>
    to({ ...search, q: withTerm(search.q ?? "", termOf(path, value), isWanted) }, id);
  return (
    <Found
      key={writeSearch(search)}
      search={search}
      chosen={id}
      wantsLive={wantsLive}
      onLive={setWantsLive}
      onChoose={(event) => to(search, event)}
      onSearch={(next) => to(next, undefined)}
      onFilter={filter}
    />
  );
}

function Found({
  search,
  chosen,
  wantsLive,
  onLive,
  onChoose,
  onSearch,
  onFilter,
}: {
  readonly search: SearchParameters;
  readonly chosen: string | undefined;
  readonly wantsLive: boolean;
  readonly onLive: (isWanted: boolean) => void;
  readonly onChoose: (id: string | undefined) => void;
  readonly onSearch: (search: SearchParameters) => void;
  readonly onFilter: (path: string, value: string, isWanted: boolean) => void;
}): ReactNode {
  const client = useQueryClient();
  // A period that was chosen has an end.
  const canBeLive = search.from === undefined;
  const isLive = wantsLive && canBeLive;
  /** What is shown above the stored ones while the reader is further down; null at the top. */
  const [held, setHeld] = useState<readonly Hit[] | null>(null);
  const { data: playbook } = useApi("GET /api/playbook");
  const found = useInfiniteQuery<Hits, Error, readonly Hit[], readonly unknown[], string | undefined>({
    queryKey: ["GET /api/events", search],
    queryFn: ({ pageParam, signal }) =>
      call("GET /api/events", {
        query: { ...search, limit: 100, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    select: ({ pages }) => pages.flatMap(({ hits }) => hits),
  });
  const again = () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[0]).startsWith("GET /api/events"),
    });
  const tail = useTail({
    q: search.q ?? "",
    isIdle: !isLive,
    onOpen: () => void again(),
    count: () =>
      client.refetchQueries({ predicate: ({ queryKey }) => COUNTED.includes(String(queryKey[0])) }),
  });
  const stored = found.data ?? [];
  const fresh = held ?? tail.hits;
  const known = new Set(fresh.map(({ id }) => id));
  const hits = isLive ? [...fresh, ...stored.filter(({ id }) => !known.has(id))] : stored;
  const { error } = found;
  return (
    <>
      <Head title="Events">
        <label className={`pill toggle ${isLive ? "good" : "plain"}`}>
          <input
            type="checkbox"
            checked={isLive}
            disabled={!canBeLive}
            onChange={({ target }) => {
              onLive(target.checked);
              if (!target.checked) {
                void again();
              }
            }}
          />
          Live
        </label>
        <span className="grow" />
        <DownloadButton address={addressOf("GET /api/events/export", {}, search)}>Export</DownloadButton>
      </Head>
      <div className="content">
        {playbook !== undefined && !playbook.intake.isLocal && playbook.intake.server !== "" && (
          <Elsewhere server={playbook.intake.server} />
        )}
        <div className="row search-row">
          <SearchBox
            q={search.q ?? ""}
            onSearch={(q) => (q === search.q ? void again() : onSearch({ ...search, q }))}
          >
            <select
              aria-label="Period"
              value={search.from === undefined ? search.period : "chosen"}
              onChange={({ target }) => onSearch({ q: search.q ?? "", period: target.value })}
            >
              {search.from !== undefined && <option value="chosen">The chosen period</option>}
              {PERIODS.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          </SearchBox>
        </div>
        {error !== null && (
          <Failure
            error={
              error instanceof Refused && error.position !== undefined
                ? new Error(`${error.message} (at character ${error.position + 1} of the search)`)
                : error
            }
          />
        )}
        <HistogramCard search={search} fresh={tail.events} onSearch={onSearch} />
        <div className="columns events">
          <FacetsCard search={search} onFilter={onFilter} />
          <div className="stack">
            {hits.length === 0 ? (
              <Card>
                <Empty>
                  {found.isPending ? (
                    "Searching…"
                  ) : error === null ? (
                    <Nothing search={search} onSearch={onSearch} />
                  ) : (
                    "No search, no events."
                  )}
                </Empty>
              </Card>
            ) : (
              <EventsTable
                hits={hits}
                chosen={chosen}
                waiting={isLive && held !== null ? tail.hits.length - held.length : 0}
                onTop={(isAtTop) => setHeld(isAtTop ? null : tail.hits)}
                onChoose={onChoose}
                onEnd={() => {
                  if (found.hasNextPage && !found.isFetchingNextPage) {
                    void found.fetchNextPage();
                  }
                }}
              />
            )}
            {chosen !== undefined && (
              <EventDetailCard
                key={chosen}
                id={chosen}
                onFilter={onFilter}
                onClose={() => onChoose(undefined)}
              />
            )}
          </div>
        </div>
      </div>
    </>
  );
}

function Nothing({
  search,
  onSearch,
}: {
  readonly search: SearchParameters;
  readonly onSearch: (search: SearchParameters) => void;
}): ReactNode {
  const samples = useCommand("POST /api/local-stack/samples");
  return (
    <div className="stack tight">
      <p>No event was received in this period{search.q ? " that matches the search" : ""}.</p>
      <p className="row">
        {search.period !== "all" && (
          <button
            type="button"
            className="btn"
            onClick={() => onSearch({ q: search.q ?? "", period: "all" })}
          >
            Look at all time
          </button>
        )}
        {search.q && (
          <button type="button" className="btn" onClick={() => onSearch({ ...search, q: "" })}>
            Show every event
          </button>
        )}
        <button
          type="button"
          className="btn"
          aria-busy={samples.isPending}
          onClick={() => samples.mutate({ body: { count: 5 } })}
        >
          Send the samples
        </button>
        <Link href="/runs">See whether a run is on</Link>
      </p>
      {samples.data !== undefined && (
        <p role="status">
          <Pill tone="good">{plural(samples.data.sent, "sample")} sent</Pill> A run that is on brings them
          here in a moment.
        </p>
      )}
      <Failure error={samples.error} />
    </div>
  );
}

/** The events are in another intake, where this page sees nothing. */
function Elsewhere({ server }: { readonly server: string }): ReactNode {
  const query = async () => {
    const { value } = await call("POST /api/playbook/secrets/:name/show", { at: { name: "intake_key" } });
    return termOf("customer.intake_key", value);
  };
  return (
    <div className="banner row" role="status">
      <span>
        The trigger sends to {server}, not to the local intake. Look on the events page there, last 5 minutes,
        with the query <code>customer.intake_key:"…"</code>
      </span>
      <CopyButton text={query}>Copy the query with the key</CopyButton>
    </div>
  );
}
