import { useEffect, useRef, useState } from "react";
import type { Hit } from "../../contract/events.ts";
import { useStream } from "../shared/stream.ts";

const KEPT = 2000;
const COUNT_EVERY_MS = 2000;
/** Counting takes so small a part of the server's time at most. */
const COUNTING_SHARE = 0.1;

type Tail = {
  /** Events that came since the page looks, the newest first. */
  readonly hits: readonly Hit[];
  /** How many came that no count holds yet. */
  readonly events: number;
};

/** Follows the events that match, and has them counted again now and then while they come. */
export function useTail({
  q,
  isIdle,
  onOpen,
  count,
}: {
  readonly q: string;
  readonly isIdle: boolean;
  /** The line is up: whatever came before is not told by it. */
  readonly onOpen: () => void;
  readonly count: () => Promise<unknown>;
}): Tail {
  const [hits, setHits] = useState<readonly Hit[]>([]);
  const [all, setAll] = useState(0);
  const [counted, setCounted] = useState(0);
  const newest = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const again = async () => {
    const before = newest.current;
    const startedAt = performance.now();
    await count();
    setCounted(before);
    const tookMs = performance.now() - startedAt;
    timer.current =
      newest.current > before
        ? setTimeout(() => void again(), Math.max(COUNT_EVERY_MS, tookMs / COUNTING_SHARE))
        : undefined;
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useStream("GET /api/events/live", {
    query: { q },
    isIdle,
    onOpen,
    onMessage: ({ hits: fresh, events }) => {
      setHits((before) => [...fresh, ...before].slice(0, KEPT));
      // Of many at once the newest alone are sent.
      newest.current += events;
      setAll(newest.current);
      timer.current ??= setTimeout(() => void again(), COUNT_EVERY_MS);
    },
  });
  return { hits, events: Math.max(0, all - counted) };
}
