/** Writes docs/troubleshooting.md from the checks' own causes and fixes: `node scripts/troubleshooting-doc.ts`. */
import { writeFileSync } from "node:fs";
import type { Cause } from "../src/preflight/causes.ts";
import { ACCESS_CAUSES } from "../src/preflight/causes-access.ts";
import { NETWORK_CAUSES } from "../src/preflight/causes-network.ts";
import { SERVICE_CAUSES } from "../src/preflight/causes-service.ts";
import { CHECKS } from "../src/preflight/checks.ts";

/** The page as Markdown. */
export function troubleshootingPage(): string {
  return [
    `# Troubleshooting

Generated from what \`check\` says: \`node scripts/troubleshooting-doc.ts\`.

\`\`\`sh
npx eventhub-intake check --config settings.json
\`\`\`

tries each setting on its own, in this order, and names the cause, the fix and the step of
[the setup guide](setup-intune.md). What depends on a failed check is skipped. Nothing is consumed and no checkpoint
changes. \`check --json\` gives each cause by its \`code\`, the name it has below.
`,
    `## The checks\n\n| check | tries | step |\n|---|---|---|\n${checkRows()}\n`,
    section("Settings", ACCESS_CAUSES),
    section("The way to a server", NETWORK_CAUSES),
    section("Hub, storage account, intake, clock", SERVICE_CAUSES),
    `## All checks pass, but no event arrives

- \`check --live 100\` looks at the newest messages of the hub: which categories it carries, which of them the setting
  \`categories\` drops, and what the intake's format makes of them.
- \`deadletter list\` shows what could not be delivered, with the reason.
- HTTP 400, or another 4xx, in the log is a wrong key or address if no event is accepted. Else one event is to blame: it is
  found and set aside once others are accepted, and the rest of its chunk is delivered.
- "this is not the intake" in the log: something answers in its place, and the line shows how its answer begins.
- \`/ledger\` of the running trigger tells what became of every record; \`/health\` says whether it moves at all.
- The events page of the intake searches by reception time: look at the last five minutes, not at the time of the event.
`,
  ].join("\n");
}

function checkRows(): string {
  return Object.entries(CHECKS)
    .map(([id, { title, guideStep }]) => `| \`${id}\` | ${title} | ${guideStep} |`)
    .join("\n");
}

function section(title: string, causes: Readonly<Record<string, Cause>>): string {
  const entries = Object.entries(causes).map(
    ([code, { status, cause, fix }]) => `### ${code}\n\n${shown(cause)} (${status})\n\n→ ${shown(fix)}\n`,
  );
  return `## ${title}\n\n${entries.join("\n")}`;
}

/** A sentence with its places in italics; angle brackets and underscores would be read as markup. */
function shown(sentence: string): string {
  return sentence
    .replaceAll(/\b\w*_\w+\b/g, "`$&`")
    .replaceAll(/\{(\w+)\}/g, (_place, name: string) => `*${name}*`)
    .replace(/^(?=[a-z])./, (letter) => letter.toUpperCase());
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/troubleshooting.md", import.meta.url), troubleshootingPage());
}
