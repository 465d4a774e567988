/** What the hub, the storage account and the intake may say. */
export const SERVICE_CAUSES = {
  HUB_KEY_REFUSED: {
    status: "failed",
    cause: "the hub refuses the key of {policy}: {reason}",
    fix: "copy hub_connection_string again from the Event Hub's page Shared access policies; an old one is void once its key was made new",
  },
  HUB_TOKEN_REFUSED: {
    status: "failed",
    cause: "the hub refuses the token of Entra ID: {reason}",
    fix: "give the identity the role Azure Event Hubs Data Receiver on the Event Hub, and wait five minutes",
  },
  HUB_ADDRESS_REFUSED: {
    status: "failed",
    cause: "the namespace's own firewall refuses the address of this machine",
    fix: "add this machine's address or network on the namespace's page Networking",
  },
  HUB_SILENT: {
    status: "failed",
    cause: "the hub did not answer in AMQP: {reason}",
    fix: "run the check again; if it stays so, a firewall or proxy on the way may cut AMQP, so try transport websockets",
  },
  HUB_NOT_FOUND: {
    status: "failed",
    cause: 'the namespace has no Event Hub called "{hubName}"',
    fix: "set hub_name to the name of the Event Hub, as the namespace's page Event Hubs lists it",
  },
  HUB_NAME_IS_NAMESPACE: {
    status: "failed",
    cause: 'hub_name is "{hubName}", which is the name of the namespace and of no Event Hub in it',
    fix: "set hub_name to the name of the Event Hub inside the namespace, as its page Event Hubs lists it",
  },
  KEY_CANNOT_LISTEN: {
    status: "failed",
    cause: "the hub does not let us read: {policy} has no right to listen",
    fix: "give the claim Listen to the policy, or with Entra ID the role Azure Event Hubs Data Receiver to the identity",
  },
  KEY_MAY_MORE: {
    status: "warning",
    cause: "{policy} may send to the hub too, and perhaps manage it, although listening is enough",
    fix: "create a policy with the claim Listen alone on the Event Hub, and use its connection string",
  },
  GROUP_NOT_FOUND: {
    status: "failed",
    cause: 'the Event Hub has no consumer group called "{group}"',
    fix: "create the consumer group on the Event Hub's page Consumer groups, or set hub_consumer_group to one that it lists",
  },
  GROUP_FULL: {
    status: "failed",
    cause: 'the consumer group "{group}" has as many readers as the hub allows',
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
    fix: "run the check again; if it stays so, look at the namespace's page Resource health",
  },
  HUB_EMPTY: {
    status: "warning",
    cause: "the Event Hub holds no event, so nothing arrived in its retention time",
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
    cause: "the storage account did not answer as it should: {reason}",
    fix: "run the check again; if it stays so, check that the address is that of a blob service",
  },
  CONTAINER_NOT_CREATABLE: {
    status: "failed",
    cause: 'the container "{container}" does not exist, and the key may not create it ({code})',
    fix: "create the container on the storage account's page Containers, or correct storage_container_name",
  },
  CONTAINER_BEING_DELETED: {
    status: "failed",
    cause: 'the container "{container}" is being deleted at the moment',
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
      'blobs in the container "{container}" are written, but their metadata cannot be set under a condition ({code})',
    fix: "use an account of the kind StorageV2 and a key that may write, since positions and ownership are kept in metadata",
  },
  BLOB_NOT_DELETABLE: {
    status: "warning",
    cause: 'the key may not delete blobs, so the small blob "{blob}" of this check stays in the container',
    fix: "delete it by hand; the trigger itself deletes nothing",
  },
  SOFT_DELETE_ON: {
    status: "warning",
    cause: "soft delete for blobs is on, which keeps every old state of a blob that is written each second",
    fix: "turn off soft delete for blobs on the storage account's page Data protection, or use an account of its own",
  },
  VERSIONING_ON: {
    status: "warning",
    cause:
      "versioning for blobs is on, which adds a version at each write and makes the account slow and dear",
    fix: "turn off versioning on the storage account's page Data protection, or use an account of its own",
  },
  HIERARCHICAL_NAMESPACE_ON: {
    status: "warning",
    cause:
      "the storage account has a hierarchical namespace (Data Lake), for which checkpoints were not made",
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
    cause: "{address} sends us elsewhere (HTTP {status}) instead of taking events",
    fix: "set intake_server to the address of the intake itself, with https and without a trailing page",
  },
  INTAKE_FAILS: {
    status: "failed",
    cause: "the intake answers HTTP {status}",
    fix: "run the check again later; the trigger waits and loses nothing, since the hub keeps the events",
  },
  INTAKE_SILENT: {
    status: "failed",
    cause: "the intake did not answer: {reason}",
    fix: "check intake_server and what is on the way to it, then run the check again",
  },
  CLOCK_OFF: {
    status: "warning",
    cause: "this machine's clock is {seconds} seconds {direction} that of the server {host}",
    fix: "let this machine's clock follow a time server, since ownership of partitions is judged by it",
  },
  CLOCK_FAR_OFF: {
    status: "failed",
    cause:
      "this machine's clock is {seconds} seconds {direction} that of the server {host}, so keys and tokens are refused",
    fix: "let this machine's clock follow a time server (NTP)",
  },
} as const;
