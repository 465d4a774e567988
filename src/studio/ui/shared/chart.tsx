import { type ReactNode, useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export type Series = { readonly at: readonly number[]; readonly values: readonly (number | null)[] };

/**
 * A curve or bars over time (`at` in seconds since 1970). Where `onSelect` is given, a period is selected by dragging.
 */
export function Chart({
  label,
  series,
  color,
  height,
  kind,
  period,
  onSelect,
}: {
  readonly label: string;
  readonly series: Series;
  /** The name of a token. */
  readonly color: string;
  readonly height: number;
  readonly kind: "curve" | "bars";
  /** What the axis of time shows, in seconds since 1970; as far as the values go unless given. */
  readonly period?: readonly [from: number, to: number];
  readonly onSelect?: (fromMs: number, toMs: number) => void;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  const data = useRef<UPlot.AlignedData>([[], []]);
  data.current = [[...series.at], [...series.values]];
  const shownPeriod = useRef(period);
  shownPeriod.current = period;
  const isSelectable = onSelect !== undefined;
  useEffect(() => {
    const { current: element } = place;
    if (element === null) {
      return;
    }
    const draw = () => {
      plot.current?.destroy();
      const style = getComputedStyle(element);
      const ink = resolved(element, "--ink-faint");
      const line = resolved(element, "--line");
      const stroke = resolved(element, color);
      const axis: UPlot.Axis = {
        stroke: ink,
        font: `11px ${style.getPropertyValue("--font")}`,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
      };
      plot.current = new UPlot(
        {
          width: Math.max(80, element.clientWidth),
          height,
          legend: { show: false },
          padding: [8, 26, 0, 0],
          cursor: {
            drag: { x: isSelectable, y: false, setScale: false },
            points: { show: kind === "curve" },
          },
          scales: {
            x: {
              time: true,
              range: (_plot, min, max) => [...(shownPeriod.current ?? [min, max])] as [number, number],
            },
            y: { range: (_plot, _min, max) => [0, Math.max(1, max) * 1.1] },
          },
          axes: [
            {
              ...axis,
              grid: { show: false },
              size: 26,
              space: 90,
              values: (_plot, ticks, _axis, _space, step) => ticks.map((tick) => timeText(tick, step)),
            },
            { ...axis, size: 52, incrs: WHOLE, values: (_plot, ticks) => ticks.map(short) },
          ],
          series: [
            {},
            {
              stroke,
              width: 1.6,
              fill: kind === "bars" ? stroke : `${stroke}22`,
              points: { show: false },
              ...(kind === "bars" && UPlot.paths.bars !== undefined
                ? { paths: UPlot.paths.bars({ size: [0.85, 40] }) }
                : {}),
            },
          ],
          hooks: {
            setSelect: [
              (shown) => {
                if (shown.select.width < 3) {
                  return;
                }
                const from = shown.posToVal(shown.select.left, "x");
                const to = shown.posToVal(shown.select.left + shown.select.width, "x");
                shown.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
                select.current?.(from * 1000, to * 1000);
              },
            ],
          },
        },
        data.current,
        element,
      );
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: Math.max(80, element.clientWidth), height }),
    );
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [color, height, kind, isSelectable]);
  useEffect(() => {
    plot.current?.setData(data.current);
  });
  return <div ref={place} className="chart" role="img" aria-label={label} style={{ minHeight: height }} />;
}

/** A token's colour as `#rrggbb`, since a canvas knows no variables. */
function resolved(element: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  const parts = color.match(/[\d.]+/g)?.slice(0, 3) ?? ["0", "0", "0"];
  return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("")}`;
}

/** Events are whole, and so are the steps of the axis. */
const WHOLE = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_SECONDS = 86_400;

/** A tick as exact as the ticks lie apart. */
function timeText(seconds: number, stepSeconds: number): string {
  return (stepSeconds >= DAY_SECONDS ? DAY : CLOCK).format(seconds * 1000);
}

function short(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : value.toLocaleString("en");
}
