import { basename } from "node:path";
import type { Static } from "typebox";
import type { Diagnostic } from "../../kernel/diagnostic.ts";
import { cursorOf, nextOf, SHOWN_EVENTS } from "../../local/intake/alerts/alert-api.ts";
import type { Alert as StoredAlert } from "../../local/intake/alerts/alert-store.ts";
import type { KnownRule } from "../../local/intake/alerts/detection.ts";
import type { LocalIntake } from "../../local/intake/server.ts";
import { testRules } from "../../rules/conformance.ts";
import type { MatchPlace, RuleMatch } from "../../rules/contract.ts";
import { explainMatch } from "../../rules/engine.ts";
import { loadTests } from "../../rules/load.ts";
import type {
  Alert,
  AlertDetail,
  AlertPage,
  RuleDetail,
  RuleList,
  RuleMatch as RulePlace,
  RuleTests,
} from "../contract/alerts.ts";
import type { SourceDiagnostic } from "../contract/shared.ts";
import type { Events } from "./events.ts";
import { Refused } from "./problem.ts";

const PAGE = 100;
const MAX_DIAGNOSTICS = 100;

export type AlertsOptions = {
  readonly intake: LocalIntake;
  readonly events: Events;
  /** Where own rules go; null when nothing is kept. */
  readonly folder: string | null;
};

type AlertSearch = {
  readonly state?: "open" | "closed" | "all";
  readonly event?: string;
  readonly cursor?: string;
  readonly limit?: number;
};

/** The page Alerts over the local intake's alerts and rules. */
export class AlertPages {
  readonly #intake: LocalIntake;
  readonly #events: Events;
  readonly #folder: string | null;

  constructor({ intake, events, folder }: AlertsOptions) {
    this.#intake = intake;
    this.#events = events;
    this.#folder = folder;
  }

  page({ state = "open", event, cursor, limit = PAGE }: AlertSearch): Static<typeof AlertPage> {
    const found = this.#intake.alerts.stored.find({
      isOpen: state === "all" ? undefined : state === "open",
      number: event === undefined ? undefined : this.#events.byId(event).number,
      after: readCursor(cursor),
      limit,
    });
    return { alerts: found.map((alert) => this.#alert(alert)), next: nextOf(found, limit) };
  }

  detail(id: string): Static<typeof AlertDetail> {
    const alert = this.#stored(id);
    const rule = this.#intake.alerts.detection.rule(alert.ruleId);
    return {
      alert: this.#alert(alert),
      ruleText: rule?.text ?? "",
      matches: rule === undefined ? withoutPlaces(alert) : placesIn(rule, alert.matched),
      events: this.#intake.alerts.stored
        .numbers(alert.id, SHOWN_EVENTS)
        .flatMap((number) => this.#intake.store.event(number) ?? [])
        .map((event) => this.#events.hit(event)),
    };
  }

  set(id: string, state: "open" | "closed"): void {
    if (!this.#intake.alerts.setOpen(this.#stored(id), state === "open")) {
      throw new Refused(
        "conflict",
        "Another alert of this rule and entity is open already. Close that one first.",
      );
    }
  }

  rules(): Static<typeof RuleList> {
    const { detection, hunt } = this.#intake.alerts;
    const counts = this.#intake.alerts.stored.countByRule();
    return {
      rules: detection.rules
        .filter(({ info }) => info.isAlerting)
        .map((rule) => this.#rule(rule, counts.get(rule.id) ?? 0)),
      diagnostics: detection.diagnostics.slice(0, MAX_DIAGNOSTICS).map(diagnosticOf),
      indicators: detection.indicators.size,
      hunt: hunt === undefined ? null : { ...hunt },
      folder: this.#folder,
    };
  }

  rule(id: string): Static<typeof RuleDetail> {
    const rule = this.#known(id);
    return {
      rule: this.#rule(rule, this.#intake.alerts.stored.countByRule().get(id) ?? 0),
      text: rule.text,
      diagnostics: this.#intake.alerts.detection.diagnostics
        .filter(({ span }) => span.file === rule.info.file)
        .slice(0, MAX_DIAGNOSTICS)
        .map(diagnosticOf),
    };
  }

  switch(id: string, isOn: boolean): void {
    this.#intake.alerts.switchRule(this.#known(id), isOn);
  }

  test(id: string): Static<typeof RuleTests> {
    const { info, text, dialect } = this.#known(id);
    const { cases } = testRules({ name: info.file, text }, loadTests(info.file), dialect);
    return {
      results: cases.map(({ name, problem }) => ({
        name,
        isPassed: problem === undefined,
        detail: problem ?? "",
      })),
    };
  }

  #stored(id: string): StoredAlert {
    const alert = /^\d{1,15}$/.test(id) ? this.#intake.alerts.stored.alert(Number(id)) : undefined;
    if (alert === undefined) {
      throw new Refused("not-found", "There is no such alert.");
    }
    return alert;
  }

  #known(id: string): KnownRule {
    const rule = this.#intake.alerts.detection.rule(id);
    if (rule === undefined) {
      throw new Refused("not-found", "The studio has no rule of this name.");
    }
    return rule;
  }

  #alert(alert: StoredAlert): Static<typeof Alert> {
    const [newest] = this.#intake.alerts.stored.numbers(alert.id, 1);
    const event = newest === undefined ? undefined : this.#intake.store.event(newest);
    return {
      id: String(alert.id),
      state: alert.isOpen ? "open" : "closed",
      level: alert.level,
      ruleId: alert.ruleId,
      rule: alert.ruleTitle,
      entity: alert.entity,
      description: event === undefined ? "" : this.#events.hit(event).description,
      firstAt: new Date(alert.firstAtMs).toISOString(),
      lastAt: new Date(alert.lastAtMs).toISOString(),
      events: alert.events,
    };
  }

  #rule(rule: KnownRule, alerts: number): Static<typeof RuleList>["rules"][number] {
    const { info, id, isBundled } = rule;
    return {
      id,
      title: info.title,
      level: info.level,
      effort: info.effort ?? "",
      techniques: info.tags.flatMap(
        (tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? [],
      ),
      isOn: this.#intake.alerts.isOn(rule),
      alerts,
      tests: testsOf(info.file),
      isBundled,
    };
  }
}

/** What made a rule fire, beside the lines that ask for it. */
export function placesIn(
  rule: KnownRule,
  matched: Pick<RuleMatch, "selections" | "fields">,
): Static<typeof RulePlace>[] {
  const { info, text } = rule;
  return explainMatch({ name: info.file, text }, { rule: info, level: info.level, ...matched }).map(placeOf);
}

export function diagnosticOf({
  severity,
  code,
  message,
  hint,
  span,
}: Diagnostic): Static<typeof SourceDiagnostic> {
  const { file, line, column, length } = span;
  return { severity, code, message, hint, file: basename(file), line, column, length };
}

function placeOf({ selection, field, value, line }: MatchPlace): Static<typeof RulePlace> {
  return { selection, field, value, line: line ?? null };
}

/** Of a rule that is no longer there. */
function withoutPlaces({ matched }: StoredAlert): Static<typeof RulePlace>[] {
  const [selection = ""] = matched.selections;
  return matched.fields.map(({ field, value }) => ({ selection, field, value, line: null }));
}

function testsOf(file: string): number {
  try {
    const cases = (JSON.parse(loadTests(file)?.text ?? "{}") as { cases?: unknown }).cases;
    return Array.isArray(cases) ? cases.length : 0;
  } catch {
    // A file of tests that cannot be read says so when they are run.
    return 1;
  }
}

function readCursor(cursor: string | undefined): ReturnType<typeof cursorOf> {
  try {
    return cursorOf(cursor ?? null);
  } catch {
    throw new Refused("bad-request", "The cursor is not one of these alerts.");
  }
}
