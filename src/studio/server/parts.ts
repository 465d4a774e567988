import type { Static } from "typebox";
import type { RuleSource } from "../../local/intake/alerts/detection.ts";
import type { FormatInUse } from "../../local/intake/format-in-use.ts";
import type { LocalIntake } from "../../local/intake/server.ts";
import type { Check, Counts, Playbook } from "../contract/playbook.ts";
import type { LiveMessage } from "../contract.ts";
import type { AlertPages } from "./alerts.ts";
import type { Events } from "./events.ts";
import type { Formats } from "./formats.ts";
import type { EmbeddedServers, EmbeddedStack } from "./local-stack.ts";
import type { ModuleWork } from "./module-work.ts";
import type { PlaybookStore } from "./playbook.ts";
import type { Runs } from "./runs.ts";
import type { Topic } from "./streams.ts";
import type { Trials } from "./trials.ts";

export type StudioOptions = {
  /** 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** The folder of playbook, runs and events; nothing outlives the studio unless given. */
  readonly dataFolder?: string | undefined;
  /** The folder of `manifest.json`. */
  readonly moduleDir: string;
  /** The folder of the built page; `dist/studio/page` of the module unless given. */
  readonly pageFolder?: string | undefined;
  /** How the intake reads its events, and tells of one in a line. */
  readonly format: FormatInUse;
  /** Rules that come with the product; a stack that runs already has its own. */
  readonly rules?: RuleSource | undefined;
  /** Servers that run already, and stay their owner's. */
  readonly stack?:
    | (EmbeddedServers & {
        readonly intake: LocalIntake;
        readonly intakeKey: string;
        /** Ends the trigger that reads the stack's hub already; called before a run begins. */
        readonly handOver?: (() => Promise<void>) | undefined;
      })
    | undefined;
  readonly restartAfterMs?: number | undefined;
};

/** What the handlers work with. */
export type Parts = {
  readonly options: StudioOptions;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly item: Readonly<Record<string, unknown>>;
  readonly playbook: PlaybookStore;
  readonly runs: Runs;
  readonly events: Events;
  readonly alerts: AlertPages;
  readonly trials: Trials;
  readonly formats: Formats;
  readonly work: ModuleWork;
  readonly live: Topic<Static<typeof LiveMessage>>;
  readonly closing: AbortSignal;
  readonly port: () => number;
  readonly localStack: EmbeddedStack;
  counts(): Static<typeof Counts>;
  readPlaybook(): Static<typeof Playbook>;
  playbookChanged(): void;
  check(): Static<typeof Check>;
  startCheck(settings: Readonly<Record<string, unknown>>): Static<typeof Check>;
};
