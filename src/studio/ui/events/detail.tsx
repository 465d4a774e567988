import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";
import type { EventDetail } from "../../contract/events.ts";
import type { Field } from "../../contract/shared.ts";
import { addressOf, useApi } from "../shared/api.ts";
import {
  CopyButton,
  DownloadButton,
  Empty,
  Failure,
  LEVEL_TONES,
  Pill,
  plural,
  TabCard,
} from "../shared/parts.tsx";
import { StagesTable } from "../shared/stages.tsx";
import { Hostile, shownValue } from "../shared/text.tsx";
import { Ago } from "../shared/time.tsx";

export type OnFilter = (path: string, value: string, isWanted: boolean) => void;

export function EventDetailCard({
  id,
  onFilter,
  onClose,
}: {
  readonly id: string;
  readonly onFilter: OnFilter;
  readonly onClose: () => void;
}): ReactNode {
  const { data, error } = useApi("GET /api/events/:id", { at: { id } });
  useEffect(() => {
    const close = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) {
        onClose();
      }
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [onClose]);
  if (data === undefined) {
    return <Failure error={error} />;
  }
  return (
    <TabCard
      label="The event"
      tabs={[
        { name: "Detail", content: <FieldsTable detail={data} onFilter={onFilter} /> },
        { name: "Raw event", content: <Raw detail={data} /> },
        { name: "Parsing", content: <ParsingTab id={id} /> },
        {
          name: "Alerts",
          ...(data.hit.alerts.length > 0 && { badge: String(data.hit.alerts.length) }),
          content: <AlertsTab id={id} />,
        },
      ]}
    />
  );
}

function FieldsTable({
  detail,
  onFilter,
}: {
  readonly detail: EventDetail;
  readonly onFilter: OnFilter;
}): ReactNode {
  const key: Field = {
    path: "sekoiaio.intake.key",
    json: JSON.stringify(detail.intakeKeyHint),
    isCut: false,
  };
  const fields = detail.fields.some(({ path }) => path === key.path)
    ? detail.fields
    : [...detail.fields, key];
  return (
    <>
      {detail.format === null && (
        <Empty>
          No format parsed this event, so it has no fields of its own; its text is under Raw event.
        </Empty>
      )}
      <table aria-label="Fields" className="fields-table">
        <tbody>
          {fields.map(({ path, json, isCut }) => {
            const value = shownValue(json);
            return (
              <tr key={path}>
                <th scope="row" className="mono soft">
                  <Hostile text={path} />
                </th>
                <td className="mono break">
                  <Hostile text={value} />
                  {isCut && <span className="faint"> (cut; the raw event has all of it)</span>}
                </td>
                <td className="actions">
                  <button
                    type="button"
                    className="btn ghost small"
                    aria-label={`Filter for ${path}`}
                    onClick={() => onFilter(path, value, true)}
                  >
                    Filter for
                  </button>
                  <button
                    type="button"
                    className="btn ghost small"
                    aria-label={`Filter out ${path}`}
                    onClick={() => onFilter(path, value, false)}
                  >
                    Filter out
                  </button>
                  <CopyButton className="btn ghost small" text={value}>
                    Copy
                  </CopyButton>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}

function Raw({ detail }: { readonly detail: EventDetail }): ReactNode {
  const { raw, rawBytes, isRawCut, hit } = detail;
  return (
    <div className="pad stack tight">
      <div className="row">
        <span className="faint">{rawBytes.toLocaleString("en")} bytes, as they came</span>
        <span className="grow" />
        {!isRawCut && <CopyButton text={raw} />}
        <DownloadButton className="btn small" address={addressOf("GET /api/events/:id/raw", { id: hit.id })}>
          Download
        </DownloadButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="code" tabIndex={0}>
        <Hostile text={raw} />
      </pre>
      {isRawCut && <p className="faint">Only its beginning is shown; Download has all of it.</p>}
    </div>
  );
}

function ParsingTab({ id }: { readonly id: string }): ReactNode {
  const { data, error } = useApi("GET /api/events/:id/parsing", { at: { id } });
  if (data === undefined) {
    return <Failure error={error} />;
  }
  if (data.format === null) {
    return (
      <Empty>
        No format is chosen for this intake key. <Link href="/formats">Write one</Link>, or choose one for the
        local intake.
      </Empty>
    );
  }
  return (
    <>
      <p className="pad-x faint small-text">
        Format <Link href={`/formats/${encodeURIComponent(data.format)}`}>{data.format}</Link>,{" "}
        {plural(data.stages.length, "stage")} in {data.tookMicros.toFixed(0)} µs
      </p>
      <StagesTable stages={data.stages} warnings={data.warnings} />
    </>
  );
}

function AlertsTab({ id }: { readonly id: string }): ReactNode {
  const { data, error } = useApi("GET /api/alerts", { query: { event: id, state: "all" } });
  if (data === undefined) {
    return <Failure error={error} />;
  }
  if (data.alerts.length === 0) {
    return <Empty>No rule fired on this event.</Empty>;
  }
  return (
    <table aria-label="Alerts of the event">
      <tbody>
        {data.alerts.map((alert) => (
          <tr key={alert.id}>
            <td className="narrow">
              <Pill tone={LEVEL_TONES[alert.level]}>{alert.level}</Pill>
            </td>
            <td>
              <Link href={`/alerts/${encodeURIComponent(alert.id)}`}>{alert.rule}</Link>
              <div className="soft">
                <Hostile text={alert.entity} />
              </div>
            </td>
            <td className="faint nowrap">
              <Ago at={alert.lastAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
