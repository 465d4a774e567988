/** The steps of the setup guide, docs/setup-intune.md, that checks refer to. */
export const GUIDE_STEPS = {
  namespace: "step 2, Event Hubs namespace",
  hub: "step 3, Event Hub",
  policy: "step 5, shared access policy of the Event Hub",
  group: "step 6, consumer group",
  storage: "step 7, storage account and container",
  storageString: "step 8, storage connection string",
  diagnostics: "step 9, diagnostic settings of Intune",
  intake: "step 10, intake",
  playbook: "step 11, playbook",
} as const;

export type GuideStep = (typeof GUIDE_STEPS)[keyof typeof GUIDE_STEPS];
