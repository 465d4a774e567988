/** The eight steps of the setup guide, in this project's words; `setting` is what a step yields. */
export const STEPS = [
  {
    title: "Find your subscription id",
    text: "Azure portal: Cost Management + Billing, Subscriptions. The other steps happen in it.",
  },
  {
    title: "Create an Event Hub namespace",
    text: "Event Hubs, Create: the tier Standard or Premium (Basic has no consumer groups), and a throughput unit for each 1,000 events a second, or auto-inflate.",
  },
  {
    title: "Create the Event Hub",
    text: "In the namespace, + Event Hub: clean-up policy Delete, kept for 168 hours.",
    setting: "hub_name",
  },
  {
    title: "Create a policy for the namespace",
    text: "Shared access policies of the namespace: one with Manage, Send and Listen, for the services that send.",
  },
  {
    title: "Create a policy for the hub",
    text: "Shared access policies of the Event Hub: one with Listen alone. Copy its connection string, primary key.",
    setting: "hub_connection_string",
  },
  {
    title: "Create a consumer group",
    text: "Consumer groups of the Event Hub, + Consumer group. Nothing else may read with it.",
    setting: "hub_consumer_group",
  },
  {
    title: "Create a storage account and a container",
    text: "In the region of the namespace: a standard account, and in it a private container for the positions.",
    setting: "storage_container_name",
  },
  {
    title: "Copy its connection string",
    text: "Access keys of the storage account, Show, Connection string.",
    setting: "storage_connection_string",
  },
] as const satisfies readonly { title: string; text: string; setting?: string }[];
