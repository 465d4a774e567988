/** What the local stack is called unless somebody says otherwise; the commands' help tells it too. */
export const LOCAL_HUB_NAME = "intune-logs";
export const LOCAL_CONSUMER_GROUP = "sekoiaio";

/** One hub of four partitions. */
export const LOCAL_HUB_CONFIG = {
  UserConfig: {
    NamespaceConfig: [
      {
        Entities: [
          { Name: LOCAL_HUB_NAME, PartitionCount: "4", ConsumerGroups: [{ Name: LOCAL_CONSUMER_GROUP }] },
        ],
      },
    ],
  },
};
