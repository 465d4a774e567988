import { randomUUID } from "node:crypto";
import {
  type BlobServiceClient,
  type BlockBlobClient,
  type ContainerClient,
  RestError,
} from "@azure/storage-blob";
import { openServiceClient } from "../connector/endpoint/storage.ts";
import { counted } from "../kernel/counted.ts";
import { messageOf } from "../kernel/errors.ts";
import { proxyFor } from "../kernel/proxy.ts";
import { durationText } from "./ages.ts";
import { type CheckRun, left } from "./check-run.ts";
import { type Finding, found, passed } from "./contract.ts";
import { notSignedIn } from "./hub.ts";
import { codeOf, type Target } from "./network.ts";

const RETRY_OPTIONS = { maxTries: 1, tryTimeoutInMs: 10_000 };
const TOKEN_SCOPE = "https://storage.azure.com/.default";
/** Ownership that was not renewed for longer has run out in any of the SDKs. */
const OWNED_MS = 120_000;
/** How this trigger names itself in the ownership blobs. */
const OWN_PREFIX = "eventhub-intake-";

export function storageTarget({ storage }: CheckRun): Target {
  const { endpoint, url } = left(storage);
  const isTls = url.protocol === "https:";
  return {
    host: url.hostname,
    port: Number(url.port || (isTls ? 443 : 80)),
    isTls,
    setting: endpoint.access.kind === "key" ? "storage_connection_string" : "storage_account_url",
    proxy: proxyFor(url, endpoint.proxies),
    webSockets: undefined,
  };
}

/** Whether the account takes our key or token. */
export async function checkStorageKey(run: CheckRun): Promise<Finding> {
  const { access } = left(run.storage).endpoint;
  if (access.kind === "entra") {
    try {
      await access.credential.getToken(TOKEN_SCOPE);
    } catch (thrown) {
      return notSignedIn(thrown);
    }
  }
  const fault = await askContainer(run);
  if (fault === undefined) {
    run.container = "exists";
  } else if (fault.statusCode === 404) {
    run.container = "missing";
  }
  // A signature may be for blobs alone; an identity with the role that is needed may look.
  const isHidden = access.kind === "key" && fault !== undefined && isPermission(fault);
  if (fault === undefined || fault.statusCode === 404 || isHidden) {
    return passed("the storage account accepts the key");
  }
  const code = fault.code ?? codeOf(fault);
  if (fault.statusCode !== 401 && fault.statusCode !== 403) {
    return found("STORAGE_FAILED", { reason: code });
  }
  // Emulators answer a wrong key with this code too, and say so in their words.
  if (code === "AuthorizationFailure" && !/authenticate/i.test(fault.message)) {
    return found("STORAGE_ADDRESS_REFUSED", { code });
  }
  return found(access.kind === "entra" ? "STORAGE_TOKEN_REFUSED" : "STORAGE_KEY_REFUSED", { code });
}

/** Whether the container exists or may be created; a missing one is created, as the trigger would do. */
export async function checkContainer(run: CheckRun): Promise<Finding> {
  const container = containerOf(run);
  const name = container.containerName;
  if (run.container === "exists") {
    return passed(`the container ${name} exists`);
  }
  try {
    const { succeeded } = await container.createIfNotExists();
    return passed(`the container ${name} ${succeeded ? "did not exist and was created" : "exists"}`);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "ContainerBeingDeleted") {
      return found("CONTAINER_BEING_DELETED", { container: name });
    }
    if (!(thrown instanceof RestError)) {
      return found("STORAGE_FAILED", { reason: messageOf(thrown) });
    }
    // A signature for the container's blobs alone may neither see nor create the container; writing a blob will tell.
    return run.container === "hidden"
      ? passed(`the key may not read the properties of the container ${name}`)
      : found("CONTAINER_NOT_CREATABLE", { container: name, code });
  }
}

/** Whether a blob can be written, given metadata under a condition, and deleted: all that checkpoints need. */
export async function checkBlob(run: CheckRun): Promise<Finding> {
  const container = containerOf(run);
  const name = `eventhub-intake-check/${randomUUID()}`;
  const blob = container.getBlockBlobClient(name);
  const places = { container: container.containerName, blob: name };
  let etag: string | undefined;
  try {
    ({ etag } = await blob.upload("", 0));
  } catch (thrown) {
    const isByKey = left(run.storage).endpoint.access.kind === "key";
    return found(isByKey ? "BLOB_NOT_WRITABLE" : "STORAGE_TOKEN_REFUSED", {
      ...places,
      code: codeOf(thrown),
    });
  }
  const metadataFault = await setMetadata(blob, etag ?? "");
  try {
    await blob.delete();
  } catch {
    // What it was is reported by its consequence: the blob stays.
    if (metadataFault === undefined) {
      return found("BLOB_NOT_DELETABLE", places);
    }
  }
  return metadataFault === undefined
    ? passed("a blob was written, its metadata set conditionally, and deleted")
    : found("BLOB_METADATA_NOT_WRITABLE", { ...places, code: metadataFault });
}

/** @returns undefined if metadata is set under a true condition and refused under a false one. */
async function setMetadata(blob: BlockBlobClient, etag: string): Promise<string | undefined> {
  try {
    await blob.setMetadata({ ownerid: "check" }, { conditions: { ifMatch: etag } });
  } catch (thrown) {
    return codeOf(thrown);
  }
  try {
    await blob.setMetadata({ ownerid: "check" }, { conditions: { ifMatch: etag } });
    return "a condition that is false was passed over";
  } catch (thrown) {
    return thrown instanceof RestError && thrown.statusCode === 412 ? undefined : codeOf(thrown);
  }
}

/** Options of the account that do not go with checkpoints, as far as the key may see them. */
export async function checkStorageOptions(run: CheckRun): Promise<Finding> {
  const service = serviceOf(run);
  const account = await service.getAccountInfo().catch(() => undefined);
  if (account?.isHierarchicalNamespaceEnabled === true) {
    return found("HIERARCHICAL_NAMESPACE_ON");
  }
  const properties = await service.getProperties().catch(() => undefined);
  if (properties?.deleteRetentionPolicy?.enabled === true) {
    return found("SOFT_DELETE_ON");
  }
  if (await keepsVersions(run)) {
    return found("VERSIONING_ON");
  }
  return properties === undefined
    ? passed("the key may not read the account's options; make sure that soft delete is off")
    : passed("no soft delete, no versions, no hierarchical namespace");
}

/** A blob that is written tells its version where versions are kept. */
async function keepsVersions(run: CheckRun): Promise<boolean> {
  const blob = containerOf(run).getBlockBlobClient(`eventhub-intake-check/${randomUUID()}`);
  try {
    return (await blob.upload("", 0)).versionId !== undefined;
  } catch {
    // The check before this one has told that blobs cannot be written.
    return false;
  } finally {
    await blob.deleteIfExists().catch(() => undefined);
  }
}

/** Who else reads with the consumer group, by the ownership that readers keep in the container. */
export async function checkGroupReaders(run: CheckRun): Promise<Finding> {
  const group = run.settings.hub_consumer_group?.trim() || "$Default";
  const { hubName } = left(run.hub).endpoint;
  const prefix = `${left(run.probe).namespace}/${hubName}/${group}/ownership/`.toLowerCase();
  const owners = new Map<string, { partitions: number; seenMs: number }>();
  const nowMs = run.environment.clock.now();
  try {
    for await (const blob of containerOf(run).listBlobsFlat({ prefix, includeMetadata: true })) {
      const owner = Object.entries(blob.metadata ?? {}).find(([key]) => key.toLowerCase() === "ownerid")?.[1];
      const seenMs = blob.properties.lastModified.getTime();
      if (owner === undefined || owner === "" || nowMs - seenMs > OWNED_MS) {
        continue;
      }
      const before = owners.get(owner);
      owners.set(owner, {
        partitions: (before?.partitions ?? 0) + 1,
        seenMs: Math.max(seenMs, before?.seenMs ?? 0),
      });
    }
  } catch (thrown) {
    return found("STORAGE_FAILED", { reason: codeOf(thrown) });
  }
  const others = [...owners].filter(([owner]) => !owner.startsWith(OWN_PREFIX));
  const [other] = others;
  if (other !== undefined) {
    const [owner, { partitions, seenMs }] = other;
    const who = `${owner} owned ${counted(partitions, "partition")} ${durationText(nowMs - seenMs)} ago`;
    return found("GROUP_SHARED", { group, who });
  }
  if (owners.size === 0 && run.isGroupHeld) {
    const who = "it holds a partition, and keeps its positions in another place";
    return found("GROUP_SHARED", { group, who });
  }
  return passed(
    owners.size === 0
      ? `no other program uses the consumer group ${group} with this container`
      : `this trigger itself is running and reads with ${group}`,
  );
}

function serviceOf(run: CheckRun): BlobServiceClient {
  return openServiceClient(left(run.storage).endpoint, RETRY_OPTIONS);
}

function containerOf(run: CheckRun): ContainerClient {
  return serviceOf(run).getContainerClient(left(run.storage).endpoint.containerName);
}

/** Looks at the container in two ways, since a signature may allow one of them alone. @returns why not, if neither works. */
async function askContainer(run: CheckRun): Promise<RestError | undefined> {
  const container = containerOf(run);
  const { host } = left(run.storage).url;
  const ask = async (question: () => Promise<{ date?: Date | undefined }>) => {
    try {
      run.observeClock(host, (await question()).date);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof RestError)) {
        throw thrown;
      }
      const date = thrown.response?.headers.get("date");
      run.observeClock(host, date === undefined ? undefined : new Date(date));
      return thrown;
    }
  };
  const fault = await ask(() => container.getProperties());
  if (fault === undefined || !isPermission(fault)) {
    return fault;
  }
  return ask(async () => {
    const page = await container.listBlobsFlat().byPage({ maxPageSize: 1 }).next();
    return page.value ?? {};
  });
}

/** The key is known, but not for this. */
function isPermission({ statusCode, code = "" }: RestError): boolean {
  return statusCode === 403 && /^Authorization.*Mismatch$|InsufficientAccountPermissions/.test(code);
}
