import type { ReactNode } from "react";
import type { SourceDiagnostic } from "../../contract/shared.ts";
import { Pill, plural } from "./parts.tsx";

/** "1 error", "2 warnings", or that all is well. */
export function DiagnosticPill({
  diagnostics,
}: {
  readonly diagnostics: readonly SourceDiagnostic[];
}): ReactNode {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (errors > 0) {
    return <Pill tone="bad">{plural(errors, "error")}</Pill>;
  }
  return diagnostics.length > 0 ? (
    <Pill tone="warn">{plural(diagnostics.length, "warning")}</Pill>
  ) : (
    <Pill tone="good">no problem</Pill>
  );
}

export function DiagnosticList({
  diagnostics,
}: {
  readonly diagnostics: readonly SourceDiagnostic[];
}): ReactNode {
  return (
    <ul className="diagnostics" aria-label="Problems">
      {diagnostics.map((said) => (
        <li key={`${said.line}:${said.column} ${said.code}`}>
          <Pill tone={said.severity === "error" ? "bad" : "warn"}>
            line {said.line}, column {said.column}
          </Pill>{" "}
          {said.message}. <span className="soft">{said.hint}</span>
        </li>
      ))}
    </ul>
  );
}
