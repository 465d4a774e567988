import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue } from "react";
import { Link } from "wouter";
import type { FieldProblem, Playbook, Studio } from "../../contract/playbook.ts";
import { keyOf, useApi, useCommand } from "../shared/api.ts";
import { Mark } from "../shared/mark.tsx";
import { Failure, Head, OnSwitch, Pill, plural, TabCard } from "../shared/parts.tsx";
import { Ago } from "../shared/time.tsx";
import { CheckCard } from "./check-card.tsx";
import { DeployTab } from "./deploy-tab.tsx";
import { useDraft } from "./draft.tsx";
import { SettingsForm } from "./form.tsx";
import { useJudged } from "./judged.ts";
import { PasteDialog } from "./paste-dialog.tsx";
import { draftFor, propertiesOf } from "./settings.ts";

export function PlaybookPage(): ReactNode {
  const studio = useApi("GET /api/studio");
  const playbook = useApi("GET /api/playbook");
  const draft = useDraft();
  if (studio.data === undefined || playbook.data === undefined || draft === null) {
    return (
      <>
        <Head title="Playbook" />
        <Failure error={studio.error ?? playbook.error} />
      </>
    );
  }
  return <Loaded studio={studio.data} playbook={playbook.data} draft={draft} />;
}

function Loaded({
  studio,
  playbook,
  draft,
}: {
  readonly studio: Studio;
  readonly playbook: Playbook;
  readonly draft: NonNullable<ReturnType<typeof useDraft>>;
}): ReactNode {
  const client = useQueryClient();
  const { schema } = studio.trigger;
  const judged = useJudged(draftFor(useDeferredValue(draft.values), schema), playbook.revision);
  const body = draftFor(draft.values, schema);
  const problems = judged.data?.problems ?? playbook.problems;
  const take = (saved: Playbook) => {
    client.setQueryData(keyOf("GET /api/playbook"), saved);
    draft.take(saved);
  };
  const save = useCommand("PUT /api/playbook", take);
  const turn = useCommand("POST /api/playbook/switch", (saved) =>
    client.setQueryData(keyOf("GET /api/playbook"), saved),
  );
  const local = useCommand("POST /api/local-stack/settings", ({ settings, secrets }) =>
    draft.fill({ ...settings, ...secrets }),
  );
  const samples = useCommand("POST /api/local-stack/samples");
  const saveNow = () =>
    save.mutate({
      body: { revision: draft.revision, name: draft.name.trim(), draft: body },
    });
  const properties = propertiesOf(schema);
  return (
    <>
      <Head
        title={
          <h1 className="title-edit">
            <input
              aria-label="Name of the playbook"
              value={draft.name}
              maxLength={200}
              size={Math.min(48, Math.max(14, draft.name.length + 2))}
              onChange={({ target }) => draft.setName(target.value)}
            />
          </h1>
        }
      >
        <State playbook={playbook} problems={problems} isDirty={draft.isDirty} />
        <span className="grow" />
        <OnSwitch
          isOn={playbook.isOn}
          isBusy={turn.isPending}
          isDisabled={save.isPending || local.isPending}
          onChange={(isOn) => turn.mutate({ body: { isOn } })}
        />
        <button
          type="button"
          className="btn primary"
          aria-busy={save.isPending}
          disabled={local.isPending}
          onClick={saveNow}
        >
          Save
        </button>
      </Head>
      <div className="content">
        <Failure error={save.error ?? turn.error} />
        {playbook.crash !== null && (
          <div className="failure" role="status">
            <b>Trigger crashed.</b> {plural(playbook.crash.failures, "start")} in a row failed, and the
            playbook was switched off <Ago at={playbook.crash.at} />: {playbook.crash.reason}{" "}
            <Link href="/runs">See why</Link>, fix the cause, then switch it on again.
          </div>
        )}
        {draft.isOvertaken && (
          <div className="banner" role="status">
            This playbook was saved in another tab.{" "}
            <button type="button" className="btn small" onClick={() => draft.take(playbook)}>
              Take that and drop my changes
            </button>
          </div>
        )}
        <div className="columns playbook">
          <div className="stack">
            <Canvas studio={studio} playbook={playbook} problems={problems} />
            <CheckCard draft={body} isFilling={local.isPending} />
          </div>
          <TabCard
            label="The trigger"
            first="Configuration"
            tabs={[
              {
                name: "Account",
                content: (
                  <div className="pad soft">
                    The module {studio.trigger.module} has no configuration of its own: nothing is to be
                    filled in here. Everything is in the tab Configuration.
                  </div>
                ),
              },
              {
                name: "Configuration",
                content: (
                  <>
                    <div className="pad tools">
                      <div className="row">
                        <PasteDialog properties={properties} onFill={draft.fill} />
                        <button
                          type="button"
                          className="btn"
                          aria-busy={local.isPending}
                          onClick={() => local.mutate({})}
                        >
                          Use the local stack
                        </button>
                        {playbook.hub.isLocal && (
                          <button
                            type="button"
                            className="btn"
                            aria-busy={samples.isPending}
                            onClick={() => samples.mutate({ body: { count: 5 } })}
                          >
                            Send the samples
                          </button>
                        )}
                      </div>
                      <p className="hint" role="status">
                        {local.isPending
                          ? "Hub and storage are starting; the form is filled in as soon as they run."
                          : samples.data === undefined
                            ? "Paste a table, connection strings, or the deployment's outputs: what is recognised is filled in."
                            : `${plural(samples.data.sent, "sample")} sent to the hub.`}
                      </p>
                      <Failure error={local.error ?? samples.error} />
                    </div>
                    <div className="pad">
                      <General problems={problems} />
                      <SettingsForm
                        schema={schema}
                        values={draft.values}
                        secrets={playbook.secrets}
                        problems={problems}
                        onChange={draft.setValues}
                      />
                    </div>
                  </>
                ),
              },
              { name: "Deploy", content: <DeployTab playbook={playbook} studio={studio} /> },
            ]}
          />
        </div>
      </div>
    </>
  );
}

/** Problems that belong to no single field. */
function General({ problems }: { readonly problems: readonly FieldProblem[] }): ReactNode {
  return problems
    .filter(({ field }) => field === "")
    .map(({ text }) => (
      <p key={text} className="failure">
        {text}
      </p>
    ));
}

function State({
  playbook,
  problems,
  isDirty,
}: {
  readonly playbook: Playbook;
  readonly problems: readonly FieldProblem[];
  readonly isDirty: boolean;
}): ReactNode {
  if (playbook.crash !== null) {
    return <Pill tone="bad">Trigger crashed</Pill>;
  }
  if (problems.length > 0) {
    return <Pill tone="warn">{plural(problems.length, "problem")}</Pill>;
  }
  if (isDirty) {
    return <Pill tone="warn">Not saved</Pill>;
  }
  if (playbook.isOn) {
    return <Pill tone="good">Running</Pill>;
  }
  return <Pill tone="plain">{playbook.savedAt === null ? "New" : "Ready"}</Pill>;
}

function Canvas({
  studio,
  playbook,
  problems,
}: {
  readonly studio: Studio;
  readonly playbook: Playbook;
  readonly problems: readonly FieldProblem[];
}): ReactNode {
  const isValid = problems.length === 0;
  return (
    <section className="card canvas" aria-label="The playbook">
      <div className="node chosen">
        <div className="pad row nowrap">
          <Mark size={34} />
          <div className="grow">
            <b>{studio.trigger.name}</b>
            <div className="faint small-text">{studio.trigger.module}</div>
          </div>
          <span
            className={isValid ? "verdict good" : "verdict warn"}
            role="img"
            aria-label={isValid ? "The configuration is valid" : plural(problems.length, "problem")}
          >
            {isValid ? "✓" : `! ${problems.length}`}
          </span>
        </div>
        <div className="node-foot row">
          <span className="pill plain">Trigger</span>
          <span className="faint small-text">
            {isValid ? "reads the Event Hub" : `${plural(problems.length, "problem")} in the configuration`}
          </span>
        </div>
      </div>
      <div className="wire" aria-hidden="true" />
      <div className="node">
        <div className="pad row nowrap">
          <span className="pill plain">Intake</span>
          <div className="grow">
            <b>{playbook.intake.isLocal ? "Local intake" : playbook.intake.server}</b>
            <div className="faint small-text">
              {playbook.intake.format === null
                ? "the intake's key decides the format"
                : `format ${playbook.intake.format}`}
            </div>
          </div>
        </div>
      </div>
    </section>
  );
}
