import Type, { type Static } from "typebox";
import { Instant } from "./shared.ts";

/** Values by the names of the trigger's schema, without those that are `writeOnly`. */
const Settings = Type.Record(Type.String(), Type.Unknown());

/** Stands for a saved secret, whose value stays on the server. */
export const SavedSecret = Type.Object({
  name: Type.String(),
  /** What may be seen of it: `EntityPath=security-logs`, or the last four characters as `…1f2c`; empty when nothing may. */
  hint: Type.String(),
});
export type SavedSecret = Static<typeof SavedSecret>;

/** What the form holds. A secret that was not touched is left out and stays as it was saved; null removes it. */
export const Draft = Type.Object({
  settings: Settings,
  secrets: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
});
export type Draft = Static<typeof Draft>;

/** A field's problem in the words of the command line. `field` is empty when it belongs to no single field. */
export const FieldProblem = Type.Object({ field: Type.String(), text: Type.String() });
export type FieldProblem = Static<typeof FieldProblem>;

export const Verdict = Type.Object({ problems: Type.Array(FieldProblem) });
export type Verdict = Static<typeof Verdict>;

export const Playbook = Type.Object({
  /** Rises with every change; a save names the one that it was made from. */
  revision: Type.Integer({ minimum: 0 }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  isOn: Type.Boolean(),
  /** Why it was switched off: five starts in a row failed. Null after it was switched on again. */
  crash: Type.Union([
    Type.Null(),
    Type.Object({ at: Instant, reason: Type.String(), failures: Type.Integer() }),
  ]),
  /** Without secrets; defaults are not filled in. */
  settings: Settings,
  secrets: Type.Array(SavedSecret),
  /** Of what is saved. */
  problems: Type.Array(FieldProblem),
  /** Null before the first save. */
  savedAt: Type.Union([Type.Null(), Instant]),
  /** Where its events come from. */
  hub: Type.Object({
    /** Null before a hub is set. */
    host: Type.Union([Type.Null(), Type.String()]),
    /** It is the embedded one, which takes the samples. */
    isLocal: Type.Boolean(),
  }),
  /** Where its events go. */
  intake: Type.Object({
    /** The format that the local intake gives to this key; null when nothing parses it here. */
    format: Type.Union([Type.Null(), Type.String()]),
    server: Type.String(),
    /** It is the studio's own intake, so that Events shows what is sent. */
    isLocal: Type.Boolean(),
  }),
});
export type Playbook = Static<typeof Playbook>;

export const SavePlaybook = Type.Object({
  revision: Type.Integer({ minimum: 0 }),
  name: Playbook.properties.name,
  draft: Draft,
});
export type SavePlaybook = Static<typeof SavePlaybook>;

export const Switch = Type.Object({ isOn: Type.Boolean() });
export type Switch = Static<typeof Switch>;

export const Secret = Type.Object({ value: Type.String() });
export type Secret = Static<typeof Secret>;

export const CheckLine = Type.Object({
  id: Type.String(),
  title: Type.String(),
  status: Type.Enum(["passed", "failed", "warning", "skipped"]),
  /** What was found where all is well, or why it was skipped. */
  detail: Type.Union([Type.Null(), Type.String()]),
  cause: Type.Union([Type.Null(), Type.String()]),
  fix: Type.Union([Type.Null(), Type.String()]),
  /** The step of the setup guide, such as `step 6`. */
  guideStep: Type.String(),
});
export type CheckLine = Static<typeof CheckLine>;

/** The preflight as far as it has come. One runs at a time; a new one ends the one before. */
export const Check = Type.Object({
  state: Type.Enum(["never", "running", "done", "failed"]),
  startedAt: Type.Union([Type.Null(), Instant]),
  /** How many lines there will be. */
  of: Type.Integer({ minimum: 0 }),
  lines: Type.Array(CheckLine),
  /** With `failed`: why the check itself could not run. */
  reason: Type.Union([Type.Null(), Type.String()]),
});
export type Check = Static<typeof Check>;

/** What the studio is and has, once for each load of the page. */
export const Studio = Type.Object({
  version: Type.String(),
  /** The command that started the studio runs a trigger of its own, until the playbook is switched on. */
  hasOwnTrigger: Type.Boolean(),
  /** The port of the page, for the note "127.0.0.1 only". */
  address: Type.String(),
  /** The folder that holds playbook, runs and events; null when it is temporary. */
  dataFolder: Type.Union([Type.Null(), Type.String()]),
  trigger: Type.Object({
    name: Type.String(),
    description: Type.String(),
    module: Type.String(),
    /** Draft-07, as in the module's files: titles, descriptions, defaults, `writeOnly` for secrets. */
    schema: Type.Record(Type.String(), Type.Unknown()),
  }),
  /** The module's own configuration: draft-07, here without properties. */
  accountSchema: Type.Record(Type.String(), Type.Unknown()),
  /** The image's name and tag, for the tab Deploy. */
  image: Type.String(),
});
export type Studio = Static<typeof Studio>;

/** The figures beside the navigation, and what the head shows. */
export const Counts = Type.Object({
  runsOn: Type.Integer(),
  events: Type.Integer(),
  openAlerts: Type.Integer(),
  formats: Type.Integer(),
});
export type Counts = Static<typeof Counts>;

export const SendSamples = Type.Object({ count: Type.Integer({ minimum: 1, maximum: 100_000 }) });
export type SendSamples = Static<typeof SendSamples>;
export const SamplesSent = Type.Object({ sent: Type.Integer() });
export type SamplesSent = Static<typeof SamplesSent>;

/** The commands of `eventhub-intake setup`, in their order. */
export const SetupCommands = Type.Object({
  steps: Type.Array(Type.Object({ title: Type.String(), command: Type.String() })),
});
export type SetupCommands = Static<typeof SetupCommands>;
