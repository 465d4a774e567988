import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useState } from "react";
import type { Check, Counts } from "../../contract/playbook.ts";
import type { RunPage } from "../../contract/runs.ts";
import type { LiveMessage } from "../../contract.ts";
import { keyOf } from "./api.ts";
import { useStream } from "./stream.ts";

type Live = { readonly counts: Counts | null; readonly check: Check | null; readonly isUp: boolean | null };

const LiveContext = createContext<Live>({ counts: null, check: null, isUp: null });

/** What the server tells of itself, to every page. */
export function useLive(): Live {
  return useContext(LiveContext);
}

const CHANGED = {
  alerts: ["GET /api/alerts", "GET /api/alerts/:id"],
  rules: ["GET /api/rules", "GET /api/rules/:id"],
  // The format that was saved is in use at once, and stored events are shown as it reads them.
  formats: [
    "GET /api/formats",
    "GET /api/formats/:name",
    "GET /api/playbook",
    "GET /api/events",
    "GET /api/events/:id",
    "GET /api/events/:id/parsing",
  ],
  "dead-letters": ["GET /api/dead-letters"],
} as const;

export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const client = useQueryClient();
  const [counts, setCounts] = useState<Counts | null>(null);
  const [check, setCheck] = useState<Check | null>(null);
  const take = (message: LiveMessage) => {
    switch (message.type) {
      case "counts":
        setCounts(message.counts);
        return;
      case "check":
        setCheck(message.check);
        return;
      case "playbook":
        client.setQueryData(keyOf("GET /api/playbook"), message.playbook);
        return;
      case "run": {
        const { run } = message;
        client.setQueryData<RunPage>(keyOf("GET /api/runs"), (page) => {
          if (page === undefined) {
            return page;
          }
          const isKnown = page.runs.some(({ id }) => id === run.id);
          const runs = isKnown
            ? page.runs.map((old) => (old.id === run.id ? run : old))
            : [run, ...page.runs];
          return { ...page, runs };
        });
        client.setQueryData<{ run: typeof run }>(keyOf("GET /api/runs/:id", { id: run.id }), (detail) =>
          detail === undefined ? detail : { ...detail, run },
        );
        return;
      }
      case "changed":
        for (const name of CHANGED[message.what]) {
          void client.invalidateQueries({ queryKey: [name] });
        }
        return;
    }
  };
  const isUp = useStream("GET /api/live", { onMessage: take });
  return <LiveContext value={{ counts, check, isUp }}>{children}</LiveContext>;
}
