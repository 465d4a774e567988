import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { useApi, useCommand } from "../shared/api.ts";
import { Card, Empty, Failure, Pill, plural, Scroll } from "../shared/parts.tsx";
import { Hostile } from "../shared/text.tsx";
import { Ago } from "../shared/time.tsx";

/** What could not be delivered, with its reason; asked for again when the run counts another. */
export function DeadLettersCard({ count }: { readonly count: number }): ReactNode {
  const client = useQueryClient();
  const { data, error } = useApi("GET /api/dead-letters");
  const asked = useRef(count);
  useEffect(() => {
    if (asked.current === count) {
      return;
    }
    asked.current = count;
    void client.invalidateQueries({ queryKey: ["GET /api/dead-letters"] });
  }, [client, count]);
  const again = useCommand("POST /api/dead-letters/replay", () =>
    client.invalidateQueries({ queryKey: ["GET /api/dead-letters"] }),
  );
  const letters = data?.letters ?? [];
  const open = letters.filter(({ isSentAgain }) => !isSentAgain).length;
  return (
    <Card
      title="Dead letters"
      aside={
        open > 0 && (
          <button type="button" className="btn" aria-busy={again.isPending} onClick={() => again.mutate({})}>
            Send again
          </button>
        )
      }
    >
      <Failure error={again.error ?? error} />
      {again.data !== undefined && (
        <p className="banner" role="status">
          {plural(again.data.forwarded, "event")} forwarded, {again.data.setAsideAgain} set aside again.
        </p>
      )}
      {letters.length === 0 ? (
        <Empty>
          {data === undefined ? (
            "They are being read from the storage."
          ) : data.reason !== null ? (
            <>
              They cannot be read now: <Hostile text={data.reason} />
            </>
          ) : count === 0 ? (
            "None: every event was delivered, or is on its way."
          ) : (
            "They are being read from the storage."
          )}
        </Empty>
      ) : (
        <Scroll className="scroll-y" label="Dead letters, scrolls">
          <table aria-label="Dead letters">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Reason</th>
                <th scope="col" className="n">
                  Bytes
                </th>
              </tr>
            </thead>
            <tbody>
              {letters.map((letter) => (
                <tr key={letter.id}>
                  <td className="nowrap faint">
                    <Ago at={letter.at} />
                  </td>
                  <td>
                    <Hostile text={letter.reason} />{" "}
                    {letter.isSentAgain && <Pill tone="good">sent again</Pill>}
                    <details>
                      <summary className="faint small-text">the event, partition {letter.partition}</summary>
                      <pre className="code">
                        <Hostile text={letter.preview} />
                      </pre>
                    </details>
                  </td>
                  <td className="n">{letter.bytes.toLocaleString("en")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  );
}
