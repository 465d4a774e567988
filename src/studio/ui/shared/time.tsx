import { type ReactNode, useEffect, useState } from "react";

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** "3 minutes ago", with the instant itself on hover. */
export function Ago({ at }: { readonly at: string }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={at} title={absolute(at)}>
      {agoText(Date.parse(at), now)}
    </time>
  );
}

/** The time of day, with the instant itself on hover. */
export function Clock({ at }: { readonly at: string }): ReactNode {
  return (
    <time dateTime={at} title={absolute(at)} className="mono faint nowrap">
      {CLOCK.format(Date.parse(at))}
    </time>
  );
}

function absolute(at: string): string {
  return `${new Date(at).toLocaleString("en-GB", { timeZoneName: "short" })} (${at})`;
}

function agoText(atMs: number, nowMs: number): string {
  const seconds = Math.min(0, Math.round((atMs - nowMs) / 1000));
  const [unit, length] = UNITS.find(([, size]) => -seconds >= size) ?? UNITS[3];
  return RELATIVE.format(Math.trunc(seconds / length), unit);
}

/** "41 minutes", "4 seconds". */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3];
  const count = Math.trunc(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
