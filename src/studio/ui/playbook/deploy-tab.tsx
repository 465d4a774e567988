import { type ReactNode, useState } from "react";
import type { Playbook, Studio } from "../../contract/playbook.ts";
import { call } from "../shared/api.ts";
import { CopyButton, DownloadButton, Failure } from "../shared/parts.tsx";
import { deployments, leftOut } from "./deploy.ts";
import { propertiesOf } from "./settings.ts";

/** What production needs, from what is saved; secrets are left out unless they are asked for. */
export function DeployTab({
  playbook,
  studio,
}: {
  readonly playbook: Playbook;
  readonly studio: Studio;
}): ReactNode {
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>> | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const names = playbook.secrets.map(({ name }) => name);
  const include = async (isWanted: boolean) => {
    setError(null);
    if (!isWanted) {
      setSecrets(null);
      return;
    }
    try {
      const shown = await Promise.all(
        names.map(async (name) => {
          const { value } = await call("POST /api/playbook/secrets/:name/show", { at: { name } });
          return [name, value] as const;
        }),
      );
      setSecrets(Object.fromEntries(shown));
    } catch (cause) {
      setError(cause as Error);
    }
  };
  const forms = deployments(
    playbook.settings,
    secrets ?? leftOut(names),
    propertiesOf(studio.trigger.schema),
    studio.image,
  );
  return (
    <div className="pad stack">
      {playbook.savedAt === null ? (
        <p className="soft">
          Nothing is saved yet. Fill in the configuration and press Save; this tab then holds it for
          production.
        </p>
      ) : (
        <>
          <label className="row tight check-label">
            <input
              type="checkbox"
              checked={secrets !== null}
              onChange={({ target }) => void include(target.checked)}
            />
            Include the secrets
          </label>
          <Failure error={error} />
          {forms.map(({ name, file, text }) => (
            <section key={name} className="stack tight" aria-label={name}>
              <div className="row">
                <h3>{name}</h3>
                <span className="grow" />
                <CopyButton text={text} />
                <DownloadButton
                  className="btn small"
                  file={file}
                  address={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
                >
                  Download
                </DownloadButton>
              </div>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
              <pre className="code" tabIndex={0}>
                {text}
              </pre>
            </section>
          ))}
        </>
      )}
    </div>
  );
}
