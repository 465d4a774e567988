import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import { useDraft } from "../playbook/draft.tsx";
import { propertiesOf } from "../playbook/settings.ts";
import { addressOf, useApi } from "../shared/api.ts";
import { Card, CopyButton, DownloadButton, Failure, Head } from "../shared/parts.tsx";
import { STEPS } from "./steps.ts";

export function SetupPage(): ReactNode {
  const [, go] = useLocation();
  const draft = useDraft();
  const { data: setup, error } = useApi("GET /api/setup");
  const { data: studio } = useApi("GET /api/studio");
  const { data: playbook } = useApi("GET /api/playbook");
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [done, setDone] = useState<ReadonlySet<number>>(new Set());
  const properties = studio === undefined ? {} : propertiesOf(studio.trigger.schema);
  const saved = new Set([
    ...Object.keys(playbook?.settings ?? {}),
    ...(playbook?.secrets ?? []).map(({ name }) => name),
  ]);
  const shown = (setting: string) => {
    const held = values[setting] ?? draft?.values[setting];
    return typeof held === "string" ? held : "";
  };
  const isDone = (index: number) => {
    const step = STEPS[index];
    if (step === undefined) {
      return false;
    }
    return "setting" in step ? shown(step.setting) !== "" || saved.has(step.setting) : done.has(index);
  };
  const commands = setup?.steps.map(({ title, command }) => `# ${title}\n${command}`).join("\n\n") ?? "";
  const count = STEPS.filter((_, index) => isDone(index)).length;
  return (
    <>
      <Head title="Setup">
        <span className="grow" />
        <button
          type="button"
          className="btn primary"
          onClick={() => {
            draft?.fill(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")));
            go("/playbook");
          }}
        >
          Fill the form with these values
        </button>
      </Head>
      <div className="content">
        <Failure error={error} />
        <Card title="All of it at once">
          <div className="pad row">
            <p className="soft grow">
              One template builds namespace, hub, policies, consumer group, storage account and container. Its
              outputs are the values below: press Paste on the page Playbook and they are filled in.
            </p>
            <DownloadButton className="btn primary" address={addressOf("GET /api/setup/template")}>
              Download the template
            </DownloadButton>
            <CopyButton className="btn" text={commands}>
              Copy the az commands
            </CopyButton>
          </div>
          <details className="pad-x">
            <summary className="soft">The commands</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre className="code" tabIndex={0}>
              {commands}
            </pre>
          </details>
        </Card>
        <Card
          title="Or step by step"
          aside={<span className="faint" role="status">{`${count} of ${STEPS.length}`}</span>}
        >
          <ol className="steps">
            {STEPS.map((step, index) => (
              <li key={step.title}>
                <span
                  className={`pill plain ${isDone(index) ? "good" : ""}`}
                  role="img"
                  aria-label={isDone(index) ? `Step ${index + 1}, done` : `Step ${index + 1}`}
                >
                  {isDone(index) ? "✓" : index + 1}
                </span>
                <div className="grow">
                  <div className="strong">{step.title}</div>
                  <div className="soft">{step.text}</div>
                </div>
                {"setting" in step ? (
                  <input
                    type={properties[step.setting]?.writeOnly ? "password" : "text"}
                    autoComplete="off"
                    spellCheck={false}
                    aria-label={properties[step.setting]?.title ?? step.setting}
                    placeholder={
                      saved.has(step.setting) && shown(step.setting) === "" ? "saved" : step.setting
                    }
                    value={shown(step.setting)}
                    onChange={({ target }) => setValues({ ...values, [step.setting]: target.value })}
                  />
                ) : (
                  <label className="row tight check-label">
                    <input
                      type="checkbox"
                      checked={done.has(index)}
                      onChange={({ target }) => {
                        const next = new Set(done);
                        if (target.checked) {
                          next.add(index);
                        } else {
                          next.delete(index);
                        }
                        setDone(next);
                      }}
                    />
                    Done<span className="sr"> with step {index + 1}</span>
                  </label>
                )}
              </li>
            ))}
          </ol>
        </Card>
      </div>
    </>
  );
}
