import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { findItem } from "../../src/platform/config/module-files.ts";
import { checkSettings } from "../../src/platform/config/settings-schema.ts";
import { DRAIN_DEADLINE_MS } from "../../src/platform/lifecycle/supervise.ts";
import { INCUMBENT, MODULE_DIR } from "../platform/support/settings.ts";

const text = readFileSync(new URL("../../infra/kubernetes.yaml", import.meta.url), "utf8");
const documents = parseAllDocuments(text, { version: "1.2", strict: true });
const objects = documents.map((document) => document.toJS());
const [deployment, authentication, scaled, service, budget, monitor] = objects;
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const [scaler] = scaled.spec.triggers;

/** What the secret would hold. */
const SECRET = {
  hub_connection_string: INCUMBENT.hub_connection_string,
  storage_connection_string: INCUMBENT.storage_connection_string,
  intake_key: INCUMBENT.intake_key,
};

type Variable = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef: { readonly name: string; readonly key: keyof typeof SECRET };
  };
};

/** As the cluster does it: `$(NAME)` is the value of a variable that stands above. */
function environmentOf(variables: readonly Variable[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of variables) {
    environment[name] =
      valueFrom === undefined
        ? (value ?? "").replaceAll(/\$\((\w+)\)/g, (whole, other: string) => environment[other] ?? whole)
        : SECRET[valueFrom.secretKeyRef.key];
  }
  return environment;
}

test("the file is YAML of a deployment, of what scales it and of what watches it", () => {
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  expect(objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
    "apps/v1 Deployment",
    "keda.sh/v1alpha1 TriggerAuthentication",
    "keda.sh/v1alpha1 ScaledObject",
    "v1 Service",
    "policy/v1 PodDisruptionBudget",
    "monitoring.coreos.com/v1 PodMonitor",
  ]);
  expect(deployment.spec.selector.matchLabels).toEqual(deployment.spec.template.metadata.labels);
  expect(scaled.spec.scaleTargetRef.name).toBe(deployment.metadata.name);
  expect(deployment.spec).not.toHaveProperty("replicas");
});

test("the scaler has the fields that KEDA needs, all of them texts, and looks where the trigger checkpoints", () => {
  const configuration = JSON.parse(environmentOf(container.env)["TRIGGER_CONFIGURATION"] ?? "");
  expect(scaler).toEqual({
    type: "azure-eventhub",
    authenticationRef: { name: authentication.metadata.name },
    metadata: {
      consumerGroup: configuration.hub_consumer_group,
      blobContainer: configuration.storage_container_name,
      checkpointStrategy: "blobMetadata",
      unprocessedEventThreshold: expect.stringMatching(/^\d+$/),
    },
  });
  expect(authentication.spec.secretTargetRef).toEqual([
    { parameter: "connection", name: "eventhub-intake", key: "hub_connection_string" },
    { parameter: "storageConnection", name: "eventhub-intake", key: "storage_connection_string" },
  ]);
  expect(scaled.spec.minReplicaCount).toBeLessThan(scaled.spec.maxReplicaCount);
});

test("the trigger takes the configuration that the cluster makes of the secret", () => {
  const configuration = JSON.parse(environmentOf(container.env)["TRIGGER_CONFIGURATION"] ?? "");
  const schema = findItem(MODULE_DIR, "azure_eventhub_messages_trigger").arguments;
  const { values, unknown } = checkSettings(schema, configuration, "here");
  expect(values).toMatchObject(SECRET);
  expect(unknown).toEqual([]);
});

test("secrets are only referred to, and every reference names the one secret", () => {
  const references = (container.env as Variable[]).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
  expect(references.map(({ key }) => key)).toEqual(Object.keys(SECRET));
  expect(new Set(references.map(({ name }) => name))).toEqual(new Set(["eventhub-intake"]));
  expect(text).not.toMatch(/SharedAccess|AccountKey|kind: Secret/);
});

test("the pod is that of this version's image, drains before it is killed, and has no rights to spare", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../manifest.json", import.meta.url), "utf8"));
  expect(container.image).toBe(`eventhub-intake:${version}`);
  expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(DRAIN_DEADLINE_MS);
  expect(pod.securityContext.runAsNonRoot).toBe(true);
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("Service, disruption budget and PodMonitor find the pods and their ports", () => {
  const { labels } = deployment.spec.template.metadata;
  const ports = container.ports.map(({ name }: { name: string }) => name);
  expect(service.spec.selector).toEqual(labels);
  expect(service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(ports);
  expect(budget.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
  expect(monitor.spec.selector.matchLabels).toEqual(labels);
  expect(ports).toContain(monitor.spec.podMetricsEndpoints[0].port);
});

test("readiness asks /ready, and only /health asks for a restart", () => {
  expect(container.readinessProbe.httpGet).toEqual({ path: "/ready", port: "health" });
  expect(container.livenessProbe.httpGet).toEqual({ path: "/health", port: "health" });
});
