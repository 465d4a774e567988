import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseAllDocuments, parse as parseYaml } from "yaml";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const dockerfile = read("Dockerfile");
const runtimeStage = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
const trigger = JSON.parse(read("trigger_consume_eventhub.json"));

test("the image runs the trigger as a user that is not root", () => {
  expect(dockerfile).toMatch(/^ARG BASE_IMAGE=node:24-slim$/m);
  expect(runtimeStage).toMatch(/^FROM \$\{BASE_IMAGE\}$/m);
  expect(runtimeStage).toMatch(/^USER 1000:1000$/m);
  expect(runtimeStage).toMatch(/^ENTRYPOINT \["node", "--disable-sigusr1", "dist\/main\.js"\]$/m);
  expect(runtimeStage).toContain(`CMD ["${trigger.docker_parameters}"]`);
});

test("the image holds production dependencies only, and the build's output", () => {
  expect(runtimeStage).toContain("npm ci --omit=dev");
  expect(runtimeStage).toContain("COPY --from=build /app/dist ./dist");
  expect(dockerfile).toContain("RUN npm run build");
  for (const file of ["manifest.json", "trigger_consume_eventhub.json", "connector_consume_eventhub.json"]) {
    expect(runtimeStage).toContain(file);
  }
});

test("the health check asks the liveness page with node, on the configured port", () => {
  const check = /HEALTHCHECK[^\n]*\\\n\s*CMD (\[.*\])/.exec(runtimeStage)?.[1] ?? "[]";
  const [program, flag, script] = JSON.parse(check);
  expect([program, flag]).toEqual(["node", "-e"]);
  expect(script).toContain("process.env.LIVENESS_PORT || 8000");
  expect(script).toContain("/health");
});

test("the build context holds everything that the image copies", () => {
  const allowed = new Set(
    read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1)),
  );
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap((line) =>
    (line[1] ?? "").split(" "),
  );
  expect(copied.length).toBeGreaterThan(5);
  for (const path of copied) {
    expect(allowed, path).toContain(path);
  }
});

test("the compose file runs the trigger against the hub that the emulator's file declares", () => {
  const { services } = parseYaml(read("docker-compose.yml"));
  const configuration = JSON.parse(
    services.trigger.environment.TRIGGER_CONFIGURATION.replaceAll(/\$\{(\w+):[^}]*\}/g, "$1"),
  );
  const [namespace] = JSON.parse(read("infra/emulator/Config.json")).UserConfig.NamespaceConfig;
  const entity = namespace.Entities.find((hub: { Name: string }) => hub.Name === configuration.hub_name);
  expect(entity.ConsumerGroups).toContainEqual({ Name: configuration.hub_consumer_group });
  expect(services.emulator.networks.default.aliases).toContain("eventhubs-emulator");
  expect(configuration.hub_connection_string).toContain("Endpoint=sb://eventhubs-emulator;");
  expect(configuration.storage_connection_string).toContain("http://azurite:10000/");
  expect(services.emulator.volumes).toEqual([
    "./infra/emulator/Config.json:/Eventhubs_Emulator/ConfigFiles/Config.json:ro",
  ]);
  expect(Object.keys(configuration)).toEqual(expect.arrayContaining(trigger.arguments.required));
});

test("the image says what it is, in this version", () => {
  const { version } = JSON.parse(read("manifest.json"));
  for (const label of [`version="${version}"`, 'title="eventhub-intake"', 'licenses="MIT"']) {
    expect(runtimeStage).toContain(`org.opencontainers.image.${label}`);
  }
});

test("the compose file pins its images, and nothing starts before what it needs", () => {
  const { services } = parseYaml(read("docker-compose.yml"));
  for (const { image } of [services.emulator, services.azurite]) {
    expect(image).toMatch(/:\d+\.\d+\.\d+$/);
  }
  expect(services.azurite.healthcheck.test[0]).toBe("CMD");
  expect(services.emulator.depends_on.azurite.condition).toBe("service_healthy");
  expect(services.trigger.depends_on.azurite.condition).toBe("service_healthy");
});

test("with workload identity the deployment holds no connection string, and its settings are known", () => {
  const patch = parseYaml(read("infra/kubernetes-entra-patch.yaml"));
  const [container] = patch.spec.template.spec.containers;
  const [deployment] = parseAllDocuments(read("infra/kubernetes.yaml")).map((document) => document.toJS());
  const before = deployment.spec.template.spec.containers[0];
  expect(container.name).toBe(before.name);
  type Variable = { name: string; $patch?: string; value?: string };
  const removed = container.env.filter((variable: Variable) => variable.$patch === "delete");
  const named = before.env.map(({ name }: Variable) => name);
  expect(named).toEqual(expect.arrayContaining(removed.map(({ name }: Variable) => name)));
  const { value } = container.env.find(({ name }: Variable) => name === "TRIGGER_CONFIGURATION");
  const configuration = JSON.parse(value);
  for (const name of Object.keys(configuration)) {
    expect(Object.keys(trigger.arguments.properties)).toContain(name);
  }
  expect(value).not.toContain("CONNECTION_STRING");
  const kinds = parseAllDocuments(read("infra/kubernetes-entra.yaml")).map((document) => document.toJS());
  const account = kinds.find(({ kind }) => kind === "ServiceAccount");
  expect(patch.spec.template.spec.serviceAccountName).toBe(account.metadata.name);
});
