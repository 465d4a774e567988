import type { Diagnostic } from "../../../rules/contract.ts";
import { Refusal } from "../refusal.ts";
import { countOf, eventAnswer } from "../search.ts";
import type { EventStore } from "../store.ts";
import type { Alert } from "./alert-store.ts";
import type { Alerts } from "./alerts.ts";

type Answer = { readonly status: number; readonly body: unknown };

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
/** Events that an alert shows, the newest. */
export const SHOWN_EVENTS = 20;
const MAX_DIAGNOSTICS = 100;

/**
 * `GET /alerts` (`state`, `rule`, `event`, `before`, `limit`) and `GET /alerts/ID` with its newest events.
 * @throws Refusal
 */
export function answerAlerts(
  alerts: Alerts,
  store: EventStore,
  path: string,
  parameters: URLSearchParams,
): Answer {
  if (path === "/alerts") {
    return { status: 200, body: alertsPage(alerts, store, parameters) };
  }
  const alert = alertAt(alerts, path);
  const events = alerts.stored
    .numbers(alert.id, SHOWN_EVENTS)
    .flatMap((number) => store.event(number) ?? [])
    .map(eventAnswer);
  return { status: 200, body: { ...alertAnswer(alert), matched: alert.matched, shown: events } };
}

/**
 * `POST /alerts/ID/close` and `/open`.
 * @throws Refusal
 */
export function setAlert(alerts: Alerts, path: string): Answer {
  const [, , id, state] = path.split("/");
  if (state !== "close" && state !== "open") {
    throw new Refusal(404, `no endpoint ${path}`);
  }
  const alert = alertAt(alerts, `/alerts/${id}`);
  if (!alerts.setOpen(alert, state === "open")) {
    throw new Refusal(409, "another alert of this rule and entity is open already; close it first");
  }
  return { status: 200, body: alertAnswer(alerts.stored.alert(alert.id) ?? alert) };
}

/** `GET /rules`: what events are held against, what is wrong with it, and how far new indicators were tried. */
export function answerRules(alerts: Alerts): Answer {
  const { detection, hunt } = alerts;
  const counts = alerts.stored.countByRule();
  const rules = detection.rules.map((rule) => {
    const { info, id } = rule;
    const { title, level, effort, kind, file, isAlerting } = info;
    return {
      id,
      title,
      level,
      kind,
      ...(effort !== undefined && { effort }),
      file,
      is_on: alerts.isOn(rule),
      is_alerting: isAlerting,
      alerts: counts.get(id) ?? 0,
    };
  });
  const { groups, droppedGroups, droppedEvents, lateEvents, failedEvents } = alerts.statistics;
  return {
    status: 200,
    body: {
      rules,
      indicators: detection.indicators.size,
      diagnostics: detection.diagnostics.slice(0, MAX_DIAGNOSTICS).map(diagnosticAnswer),
      ...(detection.problem !== undefined && { problem: detection.problem }),
      hunt:
        hunt === undefined
          ? null
          : {
              indicators: hunt.indicators,
              of: hunt.of,
              examined: hunt.examined,
              hits: hunt.hits,
              is_running: hunt.isRunning,
            },
      correlations: {
        groups,
        dropped_groups: droppedGroups,
        dropped_events: droppedEvents,
        late_events: lateEvents,
        failed_events: failedEvents,
      },
    },
  };
}

const PARAMETERS = new Set(["state", "rule", "event", "before", "limit"]);
const STATES: Readonly<Record<string, boolean | undefined>> = { open: true, closed: false, all: undefined };

function alertsPage(alerts: Alerts, store: EventStore, parameters: URLSearchParams): unknown {
  for (const name of parameters.keys()) {
    if (!PARAMETERS.has(name)) {
      throw new Refusal(400, `unknown filter ${name}; known are ${[...PARAMETERS].join(", ")}`);
    }
  }
  const state = parameters.get("state") ?? "all";
  if (!Object.hasOwn(STATES, state)) {
    throw new Refusal(400, "state must be open, closed or all");
  }
  const event = parameters.get("event");
  const number = event === null ? undefined : store.numberOf(event);
  if (event !== null && number === undefined) {
    throw new Refusal(404, "no event has this id");
  }
  const limit = countOf(parameters, "limit", MAX_LIMIT) ?? DEFAULT_LIMIT;
  const found = alerts.stored.find({
    isOpen: STATES[state],
    ruleId: parameters.get("rule") ?? undefined,
    number,
    after: cursorOf(parameters.get("before")),
    limit,
  });
  return { alerts: found.map(alertAnswer), next: nextOf(found, limit) };
}

/** The cursor behind the last alert of a full page. */
export function nextOf(found: readonly Alert[], limit: number): string | null {
  const last = found.at(-1);
  return last === undefined || found.length < limit ? null : `${last.lastAtMs}-${last.id}`;
}

/** @throws Refusal for what no page has said. */
export function cursorOf(
  text: string | null,
): { readonly lastAtMs: number; readonly id: number } | undefined {
  if (text === null) {
    return undefined;
  }
  const [, lastAtMs, id] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  if (lastAtMs === undefined || id === undefined) {
    throw new Refusal(400, "before must be the `next` of an earlier answer");
  }
  return { lastAtMs: Number(lastAtMs), id: Number(id) };
}

function alertAt(alerts: Alerts, path: string): Alert {
  const id = path.slice("/alerts/".length);
  const alert = /^\d{1,15}$/.test(id) ? alerts.stored.alert(Number(id)) : undefined;
  if (alert === undefined) {
    throw new Refusal(404, "no alert has this id");
  }
  return alert;
}

function alertAnswer(alert: Alert): Readonly<Record<string, unknown>> {
  return {
    id: alert.id,
    state: alert.isOpen ? "open" : "closed",
    level: alert.level,
    rule: { id: alert.ruleId, title: alert.ruleTitle },
    entity: alert.entity,
    first_at: new Date(alert.firstAtMs).toISOString(),
    last_at: new Date(alert.lastAtMs).toISOString(),
    events: alert.events,
  };
}

function diagnosticAnswer({ severity, code, message, hint, span }: Diagnostic): unknown {
  return { severity, code, message, hint, file: span.file, line: span.line, column: span.column };
}
