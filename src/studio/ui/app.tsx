import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import type { Playbook } from "../contract/playbook.ts";
import { PlaybookPage } from "./playbook/page.tsx";
import { useApi } from "./shared/api.ts";
import { useLive } from "./shared/live.tsx";
import { Mark } from "./shared/mark.tsx";

const RunsPage = lazy(async () => ({ default: (await import("./runs/page.tsx")).RunsPage }));
const EventsPage = lazy(async () => ({ default: (await import("./events/page.tsx")).EventsPage }));
const AlertsPage = lazy(async () => ({ default: (await import("./alerts/page.tsx")).AlertsPage }));
const FormatsPage = lazy(async () => ({ default: (await import("./formats/page.tsx")).FormatsPage }));
const SetupPage = lazy(async () => ({ default: (await import("./setup/page.tsx")).SetupPage }));

const PAGES = [
  { path: "/playbook", name: "Playbook", count: null },
  { path: "/runs", name: "Runs", count: "runsOn" },
  { path: "/events", name: "Events", count: "events" },
  { path: "/alerts", name: "Alerts", count: "openAlerts" },
  { path: "/formats", name: "Formats", count: "formats" },
  { path: "/setup", name: "Setup", count: null },
] as const;

export function App(): ReactNode {
  const [path] = useLocation();
  const { isUp } = useLive();
  const name = PAGES.find((page) => path.startsWith(page.path))?.name ?? "Playbook";
  useEffect(() => {
    document.title = `${name} · eventhub-intake studio`;
  }, [name]);
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent) => {
      const isWriting =
        event.target instanceof HTMLElement &&
        event.target.matches("input, textarea, select, [contenteditable=true]");
      const box = document.querySelector<HTMLInputElement>("input[type=search]");
      if (event.key !== "/" || isWriting || box === null || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      event.preventDefault();
      box.focus();
      box.select();
    };
    document.addEventListener("keydown", focusSearch);
    return () => document.removeEventListener("keydown", focusSearch);
  }, []);
  return (
    <div className="shell">
      <Navigation path={path} />
      <main>
        {isUp === false && (
          <p role="status" className="banner">
            The studio does not answer; the page tries again by itself. See whether its command still runs.
          </p>
        )}
        <Suspense fallback={<div className="pad faint">Loading…</div>}>
          <Switch>
            <Route path="/playbook" component={PlaybookPage} />
            <Route path="/runs/:id?" component={RunsPage} />
            <Route path="/events/:id?" component={EventsPage} />
            <Route path="/alerts/:id?" component={AlertsPage} />
            <Route path="/formats/:name?" component={FormatsPage} />
            <Route path="/setup" component={SetupPage} />
            <Route>
              <Redirect to="/playbook" replace />
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  );
}

function Navigation({ path }: { readonly path: string }): ReactNode {
  const { counts } = useLive();
  const { data: playbook } = useApi("GET /api/playbook");
  return (
    <nav aria-label="Pages">
      <div className="brand">
        <Mark />
        eventhub-intake
      </div>
      {PAGES.map((page) => {
        const count = page.count === null || counts === null ? 0 : counts[page.count];
        return (
          // The count stands beside the link, whose name is the page's and nothing else.
          <div key={page.path} className="nav-item">
            <Link href={page.path} aria-current={path.startsWith(page.path) ? "page" : undefined}>
              {page.name}
            </Link>
            <small>
              {count === 0 ? "" : page.count === "runsOn" ? `${count} on` : count.toLocaleString("en")}
            </small>
          </div>
        );
      })}
      <div className="foot">
        {playbook !== undefined && <Source hub={playbook.hub} />}
        <br />
        <span className="mono">127.0.0.1</span> only
      </div>
    </nav>
  );
}

/** What is read, so that nobody takes the local stack for production. */
function Source({ hub: { host, isLocal } }: { readonly hub: Playbook["hub"] }): ReactNode {
  if (host === null) {
    return "No hub chosen";
  }
  return isLocal ? "Local stack" : <span className="break">Hub {host}</span>;
}
