import { createContext, type ReactNode, useContext, useState } from "react";
import type { Playbook } from "../../contract/playbook.ts";
import { useApi } from "../shared/api.ts";
import type { Values } from "./settings.ts";

type Editing = {
  readonly name: string;
  readonly values: Values;
  /** Differs from what is saved. */
  readonly isDirty: boolean;
  /** The saved state that the draft began with. */
  readonly revision: number;
  /** Somebody saved in another tab while this draft was written. */
  readonly isOvertaken: boolean;
  readonly setName: (name: string) => void;
  readonly setValues: (values: Values) => void;
  /** Adds to what is there; what another way of signing in left behind goes. */
  readonly fill: (values: Values) => void;
  /** Takes a saved state and drops the draft. */
  readonly take: (playbook: Playbook) => void;
};

const DraftContext = createContext<Editing | null>(null);

/** What the form holds: it outlives a change of page, and follows what other tabs save while nothing is edited here. */
export function DraftProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { data: playbook } = useApi("GET /api/playbook");
  const [draft, setDraft] = useState<{ name: string; values: Values; revision: number; isDirty: boolean }>();
  if (
    playbook !== undefined &&
    (draft === undefined || (!draft.isDirty && draft.revision !== playbook.revision))
  ) {
    setDraft(draftOf(playbook));
  }
  const edit = (change: (values: Values) => Values, name?: string) =>
    setDraft(
      (before) =>
        before && { ...before, values: change(before.values), name: name ?? before.name, isDirty: true },
    );
  const value: Editing | null =
    draft === undefined
      ? null
      : {
          ...draft,
          isOvertaken: draft.isDirty && playbook !== undefined && draft.revision !== playbook.revision,
          setName: (name) => edit((values) => values, name),
          setValues: (values) => edit(() => values),
          fill: (values) => edit((before) => ({ ...withoutOtherWays(before, values, playbook), ...values })),
          take: (saved) => setDraft(draftOf(saved)),
        };
  return <DraftContext value={value}>{children}</DraftContext>;
}

/** Null until the saved state has come. */
export function useDraft(): Editing | null {
  return useContext(DraftContext);
}

/** Pairs of which a configuration holds one: a connection string, or a name to sign in at with Entra ID. */
const EITHER = [
  ["hub_connection_string", "hub_namespace"],
  ["storage_connection_string", "storage_account_url"],
] as const;

function withoutOtherWays(values: Values, filled: Values, playbook: Playbook | undefined): Values {
  const left: Record<string, unknown> = { ...values };
  for (const [one, other] of [...EITHER, ...EITHER.map(([one, other]) => [other, one] as const)]) {
    if (filled[one] !== undefined && filled[other] === undefined) {
      // A saved secret goes by null; anything else by not being there.
      left[other] = playbook?.secrets.some(({ name }) => name === other) === true ? null : undefined;
    }
  }
  return left;
}

function draftOf({ name, settings, revision }: Playbook) {
  return { name, values: settings, revision, isDirty: false };
}
