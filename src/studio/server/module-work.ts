import type { Static } from "typebox";
import { checkSettings } from "../../app/check.ts";
import { openDeadLetters, replay } from "../../app/dead-letters.ts";
import { type GivenSettings, withSettingsFile, workWithSettings } from "../../app/given-settings.ts";
import { readRawSettings } from "../../app/raw-settings.ts";
import { TRIGGER_COMMAND } from "../../app/settings.ts";
import { CHECK_IDS } from "../../preflight/contract.ts";
import type { Check } from "../contract/playbook.ts";
import type { DeadLetter, DeadLetters, Replayed } from "../contract/runs.ts";
import { Refused } from "./problem.ts";

const MAX_LETTERS = 500;
const MAX_PREVIEW_CHARS = 2000;

/** What the commands `check` and `deadletter` do, for the settings of the playbook. */
export class ModuleWork {
  readonly #moduleDir: string;

  constructor(moduleDir: string) {
    this.#moduleDir = moduleDir;
  }

  /** Tries each setting; tells how far it has come after every line. Never rejects. */
  async check(
    settings: GivenSettings,
    tell: (check: Static<typeof Check>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let check: Static<typeof Check> = {
      state: "running",
      startedAt: new Date().toISOString(),
      of: CHECK_IDS.length,
      lines: [],
      reason: null,
    };
    tell(check);
    try {
      await withSettingsFile(settings, async (configurationFile) => {
        const raw = readRawSettings({
          moduleDir: this.#moduleDir,
          command: TRIGGER_COMMAND,
          configurationFile,
          symphonyDirectory: undefined,
        });
        for await (const result of checkSettings(raw, signal)) {
          const { id, title, status, detail, cause, fix, guideStep } = result;
          const line = { id, title, status, detail, cause, fix, guideStep };
          check = { ...check, lines: [...check.lines, line] };
          tell(check);
        }
      });
      check = { ...check, state: "done" };
    } catch {
      // What was thrown may hold settings; the checks themselves tell every cause that has a name.
      check = { ...check, state: "failed", reason: "The check could not be run to its end. Run it again." };
    }
    if (!signal.aborted) {
      tell(check);
    }
  }

  async deadLetters(settings: GivenSettings): Promise<Static<typeof DeadLetters>> {
    const letters: Static<typeof DeadLetter>[] = [];
    const problem = await workWithSettings(settings, async (context) => {
      const reader = await openDeadLetters(context);
      for (const blob of await reader.list()) {
        let place = 0;
        for await (const { lines, endByte } of reader.read(blob.name, 0, blob.bytes)) {
          for (const line of lines) {
            letters.push(letterOf(line, `${blob.name}#${place++}`, endByte <= blob.replayedBytes));
          }
        }
      }
    });
    letters.sort((a, b) => (a.at < b.at ? 1 : -1));
    return { letters: letters.slice(0, MAX_LETTERS), total: letters.length, reason: problem ?? null };
  }

  async replay(settings: GivenSettings): Promise<Static<typeof Replayed>> {
    let report: Static<typeof Replayed> = { forwarded: 0, setAsideAgain: 0 };
    const problem = await workWithSettings(settings, async (context) => {
      const { forwarded, setAsideAgain } = await replay(context);
      report = { forwarded, setAsideAgain };
    });
    if (problem !== undefined) {
      throw new Refused("failed", problem);
    }
    return report;
  }
}

type Reader = Awaited<ReturnType<typeof openDeadLetters>>;
type Segment = ReturnType<Reader["read"]> extends AsyncGenerator<infer Each> ? Each : never;
type Line = Segment["lines"][number];

function letterOf(line: Line, id: string, isSentAgain: boolean): Static<typeof DeadLetter> {
  const bytes = Buffer.from(line.data, line.encoding);
  return {
    id,
    at: line.set_aside_at,
    partition: line.partition,
    reason: line.detail === "" ? line.reason : `${line.reason}: ${line.detail}`,
    bytes: bytes.length,
    preview: bytes.toString("utf8").slice(0, MAX_PREVIEW_CHARS),
    isSentAgain,
  };
}
