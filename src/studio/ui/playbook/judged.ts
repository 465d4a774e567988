import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Draft, Verdict } from "../../contract/playbook.ts";
import { call } from "../shared/api.ts";

const AFTER_MS = 120;

/** The server's verdict on what the form holds, asked for once a pause in the typing allows it. */
export function useJudged(draft: Draft, revision: number): UseQueryResult<Verdict> {
  const text = JSON.stringify(draft);
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useQuery({
    // The values are secrets: they serve as a key in memory alone.
    queryKey: ["POST /api/playbook/judge", revision, asked],
    queryFn: ({ signal }) => call("POST /api/playbook/judge", { body: JSON.parse(asked) as Draft, signal }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}
