import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "wouter";
import type { RuleMatch } from "../../contract/alerts.ts";
import type { Hit } from "../../contract/events.ts";
import { useApi, useCommand } from "../shared/api.ts";
import { DiagnosticList } from "../shared/diagnostics.tsx";
import { Card, Empty, Failure, Pill, Scroll } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";
import { Clock } from "../shared/time.tsx";

/** Why an alert was raised, or a rule's text where one was chosen. */
export function AlertCard({
  id,
  rule,
}: {
  readonly id: string | undefined;
  readonly rule: string | null;
}): ReactNode {
  if (rule !== null) {
    return <RuleCard id={rule} />;
  }
  return id === undefined ? (
    <Card title="Why it fired">
      <Empty>Choose an alert to see which part of its rule matched, or a rule to read it.</Empty>
    </Card>
  ) : (
    <FiredCard id={id} />
  );
}

function FiredCard({ id }: { readonly id: string }): ReactNode {
  const client = useQueryClient();
  const { data, error } = useApi("GET /api/alerts/:id", { at: { id } });
  const set = useCommand("POST /api/alerts/:id/state", () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[0]).startsWith("GET /api/alerts"),
    }),
  );
  if (data === undefined) {
    return <Failure error={error} />;
  }
  const isOpen = data.alert.state === "open";
  return (
    <Card
      title="Why it fired"
      aside={
        <button
          type="button"
          className="btn"
          aria-busy={set.isPending}
          onClick={() => set.mutate({ at: { id }, body: { state: isOpen ? "closed" : "open" } })}
        >
          {isOpen ? "Close the alert" : "Open it again"}
        </button>
      }
    >
      <Failure error={set.error} />
      <RuleText text={data.ruleText} lines={data.matches.map(({ line }) => line)} />
      <Matches matches={data.matches} />
      <EventList events={data.events} />
    </Card>
  );
}

function RuleCard({ id }: { readonly id: string }): ReactNode {
  const { data, error } = useApi("GET /api/rules/:id", { at: { id } });
  const test = useCommand("POST /api/rules/:id/test");
  if (data === undefined) {
    return <Failure error={error} />;
  }
  return (
    <Card
      title={data.rule.title}
      aside={
        data.rule.tests > 0 && (
          <button
            type="button"
            className="btn"
            aria-busy={test.isPending}
            onClick={() => test.mutate({ at: { id } })}
          >
            Run its tests
          </button>
        )
      }
    >
      <Failure error={test.error} />
      <DiagnosticList diagnostics={data.diagnostics} />
      {test.data !== undefined && (
        <ul className="diagnostics" aria-label="Results of the tests">
          {test.data.results.map(({ name, isPassed, detail }) => (
            <li key={name}>
              <Pill tone={isPassed ? "good" : "bad"}>{isPassed ? "passed" : "failed"}</Pill> {name}{" "}
              <span className="soft">{detail}</span>
            </li>
          ))}
        </ul>
      )}
      <RuleText text={data.text} lines={[]} />
    </Card>
  );
}

/** The rule's text with the lines marked that held. */
function RuleText({
  text,
  lines,
}: {
  readonly text: string;
  readonly lines: readonly (number | null)[];
}): ReactNode {
  const box = useRef<HTMLElement>(null);
  const first = Math.min(...lines.filter((line) => line !== null));
  useEffect(() => {
    const held = box.current?.children[first - 1];
    if (box.current !== null && held instanceof HTMLElement) {
      // What matched is in sight, with a little of what is above it.
      box.current.scrollTop = held.offsetTop - box.current.offsetTop - box.current.clientHeight / 3;
    }
  }, [first]);
  return (
    <Scroll ref={box} className="code pad" label="The rule's text">
      {text.split("\n").map((line, index) => {
        const hasHeld = lines.includes(index + 1);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text never move
          <span key={index} className={hasHeld ? "held" : ""}>
            <Hostile text={line} />
            {hasHeld && <span className="sr"> (matched)</span>}
            {"\n"}
          </span>
        );
      })}
    </Scroll>
  );
}

export function Matches({ matches }: { readonly matches: readonly RuleMatch[] }): ReactNode {
  const selections = [...new Set(matches.map(({ selection }) => selection))];
  return (
    <ul className="diagnostics" aria-label="What matched">
      {selections.map((selection) => (
        <li key={selection}>
          <Pill tone="good">{selection}</Pill>{" "}
          {matches
            .filter((match) => match.selection === selection)
            .map(({ field, value }) => (
              <code key={`${field} ${value}`} className="match">
                {field === "" ? "" : `${field} = `}
                <Hostile text={value} />
              </code>
            ))}
        </li>
      ))}
    </ul>
  );
}

export function EventList({ events }: { readonly events: readonly Hit[] }): ReactNode {
  return (
    <table aria-label="Events of the rule">
      <tbody>
        {events.map((hit) => (
          <tr key={hit.id}>
            <td className="narrow">
              <Clock at={hit.receivedAt} />
            </td>
            <td className="break">
              <Link href={`/events/${encodeURIComponent(hit.id)}?period=all`}>
                <Hostile text={hit.description} />
              </Link>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
