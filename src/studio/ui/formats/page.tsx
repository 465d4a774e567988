import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useLocation, useParams } from "wouter";
import type { FormatDetail, FormatLanguage, FormatTrial } from "../../contract/formats.ts";
import { call, useApi, useCommand } from "../shared/api.ts";
import { DiagnosticList, DiagnosticPill } from "../shared/diagnostics.tsx";
import { type Completion, YamlEditor } from "../shared/editor.tsx";
import { Card, CopyButton, Empty, Failure, Head, Pill, plural, TabCard } from "../shared/parts.tsx";
import { StagesTable } from "../shared/stages.tsx";
import { Hostile, shownValue } from "../shared/text.tsx";

const AFTER_MS = 150;

export function FormatsPage(): ReactNode {
  const { name } = useParams<{ name?: string }>();
  const [, go] = useLocation();
  const { data, error } = useApi("GET /api/formats");
  const formats = data?.formats ?? [];
  const chosen = name ?? (formats.find(({ isInUse }) => isInUse) ?? formats[0])?.name;
  return (
    <>
      <Head title="Formats">
        <select
          aria-label="Format"
          value={chosen ?? ""}
          onChange={({ target }) => go(`/formats/${encodeURIComponent(target.value)}`)}
        >
          {formats.map((entry) => (
            <option key={entry.name} value={entry.name}>
              {entry.name}
              {entry.isBundled ? "" : " (yours)"}
              {entry.isInUse ? ", in use" : ""}
            </option>
          ))}
        </select>
      </Head>
      <div className="content">
        <Failure error={error} />
        {chosen === undefined ? <Empty>No format is loaded.</Empty> : <Loaded key={chosen} name={chosen} />}
      </div>
    </>
  );
}

function Loaded({ name }: { readonly name: string }): ReactNode {
  const { data, error } = useApi("GET /api/formats/:name", { at: { name } });
  const { data: language } = useApi("GET /api/formats/language");
  if (data === undefined) {
    return <Failure error={error} />;
  }
  return <Workbench format={data} language={language} />;
}

function Workbench({
  format,
  language,
}: {
  readonly format: FormatDetail;
  readonly language: FormatLanguage | undefined;
}): ReactNode {
  const { name } = format.entry;
  const [parser, setParser] = useState(format.parser);
  const [sample, setSample] = useState<string | null>(format.samples[0]?.name ?? null);
  const [event, setEvent] = useState(format.samples[0]?.event ?? "");
  const trial = useTrial(name, parser, event, sample);
  const test = useCommand("POST /api/formats/:name/test");
  const diagnostics = trial.data?.diagnostics ?? NONE;
  const completions = useMemo(() => completionsOf(language), [language]);
  const choose = (next: string) => {
    const found = format.samples.find((candidate) => candidate.name === next);
    setSample(found?.name ?? null);
    if (found !== undefined) {
      setEvent(found.event);
    }
  };
  return (
    <div className="columns halves">
      <div className="stack">
        <Card
          title="An event"
          aside={
            <select aria-label="Sample" value={sample ?? ""} onChange={({ target }) => choose(target.value)}>
              <option value="">my own</option>
              {format.samples.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.name}
                </option>
              ))}
            </select>
          }
        >
          <textarea
            aria-label="Event"
            className="event-text"
            rows={9}
            spellCheck={false}
            value={event}
            onChange={({ target }) => {
              setSample(null);
              setEvent(target.value);
            }}
          />
        </Card>
        <Result trial={trial.data} error={trial.error} />
      </div>
      <div className="stack">
        <Card
          title="parser.yml"
          aside={
            <>
              <DiagnosticPill diagnostics={diagnostics} />
              <button
                type="button"
                className="btn"
                aria-busy={test.isPending}
                onClick={() => test.mutate({ at: { name }, body: { parser } })}
              >
                Run the tests
              </button>
              <SaveButton name={name} isBundled={format.entry.isBundled} parser={parser} />
            </>
          }
        >
          <Failure error={test.error} />
          {test.data !== undefined && (
            <details className="pad-x" open={test.data.failed > 0}>
              <summary>
                <span role="status">
                  <Pill tone={test.data.failed === 0 ? "good" : "bad"}>
                    {test.data.passed} passed, {test.data.failed} failed
                  </Pill>
                </span>
              </summary>
              <ul className="diagnostics" aria-label="Results of the tests">
                {test.data.results.map((result) => (
                  <li key={result.name}>
                    <Pill tone={result.isPassed ? "good" : "bad"}>
                      {result.isPassed ? "passed" : "failed"}
                    </Pill>{" "}
                    {result.name} <Hostile text={result.detail} />
                  </li>
                ))}
              </ul>
            </details>
          )}
          <YamlEditor
            label="parser.yml"
            text={parser}
            diagnostics={diagnostics}
            completions={completions}
            onChange={setParser}
          />
          <DiagnosticList diagnostics={diagnostics} />
        </Card>
        <Card
          title="Stages"
          aside={
            <span className="faint">
              {trial.data !== undefined && `${trial.data.tookMicros.toFixed(0)} µs`}
            </span>
          }
        >
          {trial.data === undefined ? (
            <Empty>What each stage does to the event stands here.</Empty>
          ) : (
            <StagesTable stages={trial.data.stages} warnings={trial.data.warnings} />
          )}
        </Card>
      </div>
    </div>
  );
}

const NONE: FormatTrial["diagnostics"] = [];

function useTrial(name: string, parser: string, event: string, sample: string | null) {
  const [asked, setAsked] = useState({ parser, event, sample });
  useEffect(() => {
    const timer = setTimeout(() => setAsked({ parser, event, sample }), AFTER_MS);
    return () => clearTimeout(timer);
  }, [parser, event, sample]);
  return useQuery({
    queryKey: ["POST /api/formats/:name/try", name, asked],
    queryFn: ({ signal }) => call("POST /api/formats/:name/try", { at: { name }, body: asked, signal }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

function Result({
  trial,
  error,
}: {
  readonly trial: FormatTrial | undefined;
  readonly error: Error | null;
}): ReactNode {
  if (trial === undefined) {
    return <Failure error={error} />;
  }
  const { differences } = trial;
  return (
    <TabCard
      label="The parsed event"
      tabs={[
        {
          name: "ECS event",
          content: (
            <>
              <div className="pad-x row">
                <span className="soft">
                  {trial.description !== null && <Hostile text={trial.description} />}
                </span>
                <span className="grow" />
                <CopyButton text={trial.json} />
              </div>
              <table aria-label="ECS event" className="fields-table">
                <tbody>
                  {trial.fields.map(({ path, json }) => (
                    <tr key={path}>
                      <th scope="row" className="mono soft">
                        <Hostile text={path} />
                      </th>
                      <td className="mono break">
                        <Hostile text={shownValue(json)} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          ),
        },
        {
          name: "Differences",
          ...(differences !== null && differences.length > 0 && { badge: String(differences.length) }),
          content:
            differences === null ? (
              <Empty>This event is not a sample, so no test tells what to expect of it.</Empty>
            ) : differences.length === 0 ? (
              <Empty>None: the event is as the sample's test expects it.</Empty>
            ) : (
              <table aria-label="Differences">
                <thead>
                  <tr>
                    <th scope="col">Field</th>
                    <th scope="col">Expected</th>
                    <th scope="col">Now</th>
                  </tr>
                </thead>
                <tbody>
                  {differences.map(({ path, expected, actual }) => (
                    <tr key={path}>
                      <td className="mono">{path}</td>
                      <td className="mono break">
                        <Hostile text={expected} />
                      </td>
                      <td className="mono break">
                        <Hostile text={actual} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            ),
        },
      ]}
    />
  );
}

function SaveButton({
  name,
  isBundled,
  parser,
}: {
  readonly name: string;
  readonly isBundled: boolean;
  readonly parser: string;
}): ReactNode {
  const [, go] = useLocation();
  const save = useCommand("POST /api/formats/:name/save", (saved) =>
    go(`/formats/${encodeURIComponent(saved.name)}`),
  );
  const target = isBundled ? `my-${name}` : name;
  return (
    <>
      <button
        type="button"
        className="btn primary"
        aria-busy={save.isPending}
        title={`writes it to the studio's folder as ${target}`}
        onClick={() => save.mutate({ at: { name }, body: { name: target, parser } })}
      >
        {isBundled ? "Save as mine" : "Save"}
      </button>
      {save.data !== undefined && (
        <span role="status" className="faint small-text">
          saved in {save.data.folder};{" "}
          {save.data.isInUse
            ? "the local intake parses with it from now on"
            : "the local intake goes on with the format that it had, since this one cannot be used"}
        </span>
      )}
      <Failure error={save.error} />
    </>
  );
}

function completionsOf(language: FormatLanguage | undefined): readonly Completion[] {
  if (language === undefined) {
    return [];
  }
  return [
    ...language.stages.map(({ name, summary, properties }) => ({
      label: name,
      detail: "stage",
      info: `${summary} Takes ${plural(properties.length, "property", "properties")}: ${properties.join(", ")}.`,
    })),
    ...language.functions.map(({ name, kind, summary, example }) => ({
      label: name,
      detail: kind,
      info: `${summary} For example: ${example}`,
    })),
    ...language.fields.map(({ path, type }) => ({
      label: path,
      detail: type,
      info: `a field of the type ${type}`,
    })),
  ];
}
