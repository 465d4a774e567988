import type { ReactNode } from "react";
import type { IntakeAnswer } from "../../contract/runs.ts";
import { Card, Empty, Pill, Scroll, type Tone } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";

export function AnswersCard({ answers }: { readonly answers: readonly IntakeAnswer[] }): ReactNode {
  return (
    <Card title="The intake's answers">
      {answers.length === 0 ? (
        <Empty>None yet. The first comes with the first events; a quiet hub sends nothing.</Empty>
      ) : (
        <Scroll className="scroll-y" label="Answers, scrolls">
          <table aria-label="Answers">
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col" className="n">
                  Events
                </th>
                <th scope="col" className="n">
                  Took
                </th>
                <th scope="col">Event ids</th>
              </tr>
            </thead>
            <tbody>
              {answers.map((answer) => (
                <tr key={`${answer.at} ${answer.eventIds[0] ?? answer.note ?? ""}`}>
                  <td>
                    <Pill tone={toneOf(answer.status)}>
                      {answer.status === 0 ? "no answer" : answer.status}
                    </Pill>
                  </td>
                  <td className="n">{answer.events.toLocaleString("en")}</td>
                  <td className="n nowrap">{Math.round(answer.tookMs).toLocaleString("en")} ms</td>
                  <td className="mono faint break">
                    <Hostile text={answer.note ?? idsText(answer)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  );
}

function toneOf(status: number): Tone {
  if (status >= 200 && status < 300) {
    return "good";
  }
  return status === 429 || status >= 500 ? "warn" : "bad";
}

function idsText({ eventIds, events }: IntakeAnswer): string {
  const [first] = eventIds;
  if (first === undefined) {
    return "—";
  }
  return events > 1 ? `${first} and ${(events - 1).toLocaleString("en")} more` : first;
}
