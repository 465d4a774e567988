import { useEffect, useRef, useState } from "react";
import type { Static } from "typebox";
import type { Streams } from "../../contract.ts";
import { addressOf, type Parameters } from "./api.ts";

type StreamName = keyof Streams;

/**
 * Follows one of the server's streams while the tab is seen.
 * @returns Whether the line is up; null before it was tried.
 */
export function useStream<Name extends StreamName>(
  name: Name,
  {
    at = {},
    query = {},
    isIdle = false,
    onMessage,
    onOpen,
  }: {
    at?: Parameters;
    query?: Parameters;
    isIdle?: boolean;
    onMessage: (message: Static<Streams[Name]>) => void;
    /** The line is up, for the first time or again. */
    onOpen?: () => void;
  },
): boolean | null {
  const [isUp, setUp] = useState<boolean | null>(null);
  const listener = useRef(onMessage);
  listener.current = onMessage;
  const opened = useRef(onOpen);
  opened.current = onOpen;
  const address = addressOf(name, at, query);
  useEffect(() => {
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(address);
      source.onopen = () => {
        setUp(true);
        opened.current?.();
      };
      source.onmessage = ({ data }) => listener.current(JSON.parse(data as string) as Static<Streams[Name]>);
      source.onerror = () => {
        setUp(false);
        // A refusal ends a source for good; the line itself is tried again by the browser.
        if (source?.readyState === EventSource.CLOSED) {
          retry = setTimeout(follow, 2000);
        }
      };
    };
    const close = () => {
      clearTimeout(retry);
      source?.close();
      source = undefined;
    };
    const follow = () => {
      close();
      if (!isIdle && document.visibilityState === "visible") {
        open();
      }
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      close();
    };
  }, [address, isIdle]);
  return isUp;
}
