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
  const edit = (change: { name?: string; values?: Values }) =>
    setDraft((before) => (before === undefined ? before : { ...before, ...change, isDirty: true }));
  const value: Editing | null =
    draft === undefined
      ? null
      : {
          ...draft,
          isOvertaken: draft.isDirty && playbook !== undefined && draft.revision !== playbook.revision,
          setName: (name) => edit({ name }),
          setValues: (values) => edit({ values }),
          fill: (values) =>
            setDraft((before) =>
              before === undefined
                ? before
                : { ...before, values: { ...before.values, ...values }, isDirty: true },
            ),
          take: (saved) => setDraft(draftOf(saved)),
        };
  return <DraftContext value={value}>{children}</DraftContext>;
}

/** Null until the saved state has come. */
export function useDraft(): Editing | null {
  return useContext(DraftContext);
}

function draftOf({ name, settings, revision }: Playbook) {
  return { name, values: settings, revision, isDirty: false };
}
