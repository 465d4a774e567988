import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import type { Hit } from "../../contract/events.ts";
import { LEVEL_TONES, Pill, plural, Scroll } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";
import { Clock } from "../shared/time.tsx";

const ROW_PX = 38;
const HEAD_PX = 40;
const HEIGHT_PX = 420;

/** Any number of events, of which only those in sight are in the page. */
export function EventsTable({
  hits,
  chosen,
  waiting,
  onTop,
  onChoose,
  onEnd,
}: {
  readonly hits: readonly Hit[];
  readonly chosen: string | undefined;
  /** Newer ones, which are not shown before the reader is at the top again. */
  readonly waiting: number;
  /** The reader left the top, or is there again. */
  readonly onTop: (isAtTop: boolean) => void;
  readonly onChoose: (id: string | undefined) => void;
  readonly onEnd: () => void;
}): ReactNode {
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: hits.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => hits[index]?.id ?? index,
    overscan: 12,
  });
  const shown = rows.getVirtualItems();
  const isAtTop = useRef(true);
  const scrolled = () => {
    const isNow = (box.current?.scrollTop ?? 0) < ROW_PX;
    if (isNow !== isAtTop.current) {
      isAtTop.current = isNow;
      onTop(isNow);
    }
  };
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= hits.length - 20) {
      onEnd();
    }
  }, [lastShown, hits.length, onEnd]);
  const at = hits.findIndex(({ id }) => id === chosen);
  const move = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      onChoose(undefined);
    }
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    const next = Math.min(hits.length - 1, Math.max(0, at + step));
    rows.scrollToIndex(next);
    onChoose(hits[next]?.id);
  };
  const above = shown[0]?.start ?? 0;
  const below = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <section className="card">
      <Scroll
        className="virtual"
        ref={box}
        style={{ height: Math.min(HEIGHT_PX, HEAD_PX + hits.length * ROW_PX) }}
        label="Events, arrows move"
        onKeyDown={move}
        onScroll={scrolled}
      >
        {waiting > 0 && (
          <button type="button" className="btn small waiting" onClick={() => rows.scrollToIndex(0)}>
            Show {plural(waiting, "newer event")}
          </button>
        )}
        <table aria-label="Events" aria-rowcount={hits.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">Received</th>
              <th scope="col">Category</th>
              <th scope="col">Event</th>
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Space px={above} />}
            {shown.map(({ index, key }) => {
              const hit = hits[index];
              return (
                hit !== undefined && (
                  <tr
                    key={key}
                    aria-rowindex={index + 2}
                    className={hit.id === chosen ? "sel" : ""}
                    onClick={() => onChoose(hit.id)}
                  >
                    <td className="narrow">
                      <Clock at={hit.receivedAt} />
                    </td>
                    <td className="narrow">
                      {hit.category !== null && (
                        <span className="chip">
                          <Hostile text={hit.category.slice(0, 60)} />
                        </span>
                      )}
                    </td>
                    <td>
                      <div className="row nowrap">
                        <button
                          type="button"
                          className="row-button cut"
                          aria-expanded={hit.id === chosen}
                          onClick={(event) => {
                            event.stopPropagation();
                            onChoose(hit.id === chosen ? undefined : hit.id);
                          }}
                        >
                          <Hostile text={hit.description.slice(0, 300)} />
                        </button>
                        {hit.alerts.length > 0 && (
                          <span className="badges">
                            {hit.alerts.map(({ id, rule, level }) => (
                              <Pill key={id} tone={LEVEL_TONES[level]}>
                                <span className="cut" title={`${level}: ${rule}`}>
                                  {rule}
                                </span>
                              </Pill>
                            ))}
                          </span>
                        )}
                      </div>
                    </td>
                  </tr>
                )
              );
            })}
            {below > 0 && <Space px={below} />}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Space({ px }: { readonly px: number }): ReactNode {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without content takes no focus
    <tr aria-hidden="true">
      <td colSpan={3} style={{ height: px, padding: 0, border: 0 }} />
    </tr>
  );
}
