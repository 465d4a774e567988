/** What the hub, the storage account and the intake may say. */
export const SERVICE_CAUSES = {
  HUB_KEY_REFUSED: {
    status: "failed",
    cause: "the hub refuses the key of {policy}: {reason}",
    fix: "copy hub_connection_string again from the Event Hub's page Shared access policies; regenerating the key invalidates the old string",
  },
  HUB_TOKEN_REFUSED: {
    status: "failed",
    cause: "the hub refuses the Entra ID token: {reason}",
    fix: "give the identity the role Azure Event Hubs Data Receiver on the Event Hub, and wait five minutes",
  },
  HUB_ADDRESS_REFUSED: {
    status: "failed",
    cause: "the namespace's firewall blocks the address of this machine",
    fix: "add this machine's address or network on the namespace's page Networking",
  },
  HUB_SILENT: {
    status: "failed",
    cause: "the hub did not answer over AMQP: {reason}",
    fix: "run the check again; if it fails again, a firewall or proxy may block AMQP, so try transport websockets",
  },
  HUB_NOT_FOUND: {
    status: "failed",
    cause: 'the namespace has no Event Hub called "{hubName}"',
    fix: "set hub_name to the name of the Event Hub, as the namespace's page Event Hubs lists it",
  },
  HUB_NAME_IS_NAMESPACE: {
    status: "failed",
    cause: 'hub_name is "{hubName}", which is the name of the namespace, not of an Event Hub in it',
    fix: "set hub_name to the name of the Event Hub inside the namespace, as its page Event Hubs lists it",
  },
  KEY_CANNOT_LISTEN: {
    status: "failed",
    cause: "the hub cannot be read: {policy} has no right to listen",
    fix: "give the claim Listen to the policy, or with Entra ID the role Azure Event Hubs Data Receiver to the identity",
  },
  KEY_MAY_MORE: {
    status: "warning",
    cause: "{policy} can also send to the hub, and perhaps manage it; the right to listen is enough",
    fix: "create a policy with only the claim Listen on the Event Hub, and use its connection string",
  },
  GROUP_NOT_FOUND: {
    status: "failed",
    cause: 'the Event Hub has no consumer group called "{group}"',
    fix: "create the consumer group on the Event Hub's page Consumer groups, or set hub_consumer_group to one that it lists",
  },
  GROUP_FULL: {
    status: "failed",
    cause: 'the consumer group "{group}" already has as many readers as the hub allows',
    fix: "create a consumer group for this trigger alone, and set hub_consumer_group to it",
  },
  GROUP_SHARED: {
    status: "warning",
    cause: 'another program reads with the consumer group "{group}": {who}',
    fix: "create a consumer group for this trigger alone, unless that program is another copy of it",
  },
  PARTITION_NOT_READABLE: {
    status: "failed",
    cause: "partition {partition} cannot be read: {reason}",
    fix: "run the check again; if it fails again, look at the namespace's page Resource health",
  },
  HUB_EMPTY: {
    status: "warning",
    cause: "the Event Hub is empty: nothing arrived within its retention time",
    fix: "check that the diagnostic settings send to this Event Hub; the first logs may take half an hour",
  },
  HUB_QUIET: {
    status: "warning",
    cause: "the newest event of the Event Hub is {age} old",
    fix: "check that the diagnostic settings still send to this Event Hub",
  },
  STORAGE_KEY_REFUSED: {
    status: "failed",
    cause: "the storage account refuses the key ({code})",
    fix: "copy storage_connection_string again from the storage account's page Access keys",
  },
  STORAGE_TOKEN_REFUSED: {
    status: "failed",
    cause: "the storage account refuses the identity ({code})",
    fix: "give the identity the role Storage Blob Data Contributor on the container, and wait five minutes",
  },
  STORAGE_ADDRESS_REFUSED: {
    status: "failed",
    cause: "the storage account's firewall refuses this machine ({code})",
    fix: "add this machine's address or network on the storage account's page Networking",
  },
  STORAGE_FAILED: {
    status: "failed",
    cause: "the storage account gave an unexpected answer: {reason}",
    fix: "run the check again; if it fails again, check that the address is that of a blob service",
  },
  CONTAINER_NOT_CREATABLE: {
    status: "failed",
    cause: 'the container "{container}" does not exist, and the key may not create it ({code})',
    fix: "create the container on the storage account's page Containers, or correct storage_container_name",
  },
  CONTAINER_BEING_DELETED: {
    status: "failed",
    cause: 'the container "{container}" is being deleted',
    fix: "wait a minute and run the check again, or choose another storage_container_name",
  },
  BLOB_NOT_WRITABLE: {
    status: "failed",
    cause: 'the key may not write blobs into the container "{container}" ({code})',
    fix: "use the connection string from the page Access keys, or a signature that may read, write, list, add and create",
  },
  BLOB_METADATA_NOT_WRITABLE: {
    status: "failed",
    cause:
      'blobs in the container "{container}" can be written, but their metadata cannot be set conditionally ({code})',
    fix: "use an account of the kind StorageV2 and a key that may write, since positions and ownership are kept in metadata",
  },
  BLOB_NOT_DELETABLE: {
    status: "warning",
    cause: 'the key may not delete blobs, so this check leaves the small blob "{blob}" in the container',
    fix: "delete it by hand; the trigger itself deletes nothing",
  },
  SOFT_DELETE_ON: {
    status: "warning",
    cause:
      "soft delete for blobs is on, so Azure keeps every old state of blobs that are written each second",
    fix: "turn off soft delete for blobs on the storage account's page Data protection, or use a separate account",
  },
  VERSIONING_ON: {
    status: "warning",
    cause:
      "versioning for blobs is on, so each write adds a version, which makes the account slow and expensive",
    fix: "turn off versioning on the storage account's page Data protection, or use a separate account",
  },
  HIERARCHICAL_NAMESPACE_ON: {
    status: "warning",
    cause: "the storage account has a hierarchical namespace (Data Lake), which checkpoints are not made for",
    fix: "use a storage account without hierarchical namespace",
  },
  INTAKE_KEY_REFUSED: {
    status: "failed",
    cause: "the intake refuses the key (HTTP {status})",
    fix: "copy intake_key again from the intake's page, and check that intake_server is that of the same region",
  },
  INTAKE_PATH_WRONG: {
    status: "failed",
    cause: "there is no intake at {address} (HTTP {status})",
    fix: "correct intake_server; most regions need the path /api/v1/intake-http behind the host",
  },
  INTAKE_REDIRECTS: {
    status: "failed",
    cause: "{address} redirects (HTTP {status}) instead of accepting events",
    fix: "set intake_server to the https address of the intake itself",
  },
  INTAKE_FAILS: {
    status: "failed",
    cause: "the intake answers HTTP {status}",
    fix: "run the check again later; the trigger waits and loses nothing, since the hub keeps the events",
  },
  INTAKE_SILENT: {
    status: "failed",
    cause: "the intake did not answer: {reason}",
    fix: "check intake_server and the network path to it, then run the check again",
  },
  CLOCK_OFF: {
    status: "warning",
    cause: "this machine's clock is {seconds} seconds {direction} that of the server {host}",
    fix: "synchronise this machine's clock (NTP); tokens and the times in the logs depend on it",
  },
  CLOCK_FAR_OFF: {
    status: "failed",
    cause:
      "this machine's clock is {seconds} seconds {direction} that of the server {host}, so keys and tokens are refused",
    fix: "synchronise this machine's clock (NTP)",
  },
} as const;
