import type { Property, Values } from "./settings.ts";

/** Settings as production takes them; a secret that was left out shows what belongs there. */
export type Deployment = { readonly name: string; readonly file: string; readonly text: string };

const LEFT_OUT = "<fill in>";

/** The forms that production needs, of the same settings. */
export function deployments(
  values: Values,
  secrets: Readonly<Record<string, string>>,
  properties: Readonly<Record<string, Property>>,
  image: string,
): readonly Deployment[] {
  const settings: Record<string, unknown> = {};
  for (const [name, { writeOnly }] of Object.entries(properties)) {
    const value = writeOnly ? secrets[name] : values[name];
    if (value !== undefined && value !== null && value !== "") {
      settings[name] = value;
    }
  }
  const json = JSON.stringify(settings, null, 2);
  return [
    { name: "The platform's form", file: "settings.md", text: table(settings, properties) },
    { name: "settings.json", file: "settings.json", text: `${json}\n` },
    { name: "docker run", file: "run.sh", text: dockerRun(image) },
    { name: "Kubernetes", file: "eventhub-intake.yaml", text: manifest(json, image) },
  ];
}

/** What stands for the saved secrets while they are left out. */
export function leftOut(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, LEFT_OUT]));
}

function table(
  settings: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, Property>>,
): string {
  const rows = Object.entries(settings).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `| ${properties[name]?.title ?? name} | ${name} | ${text.replaceAll("|", "\\|")} |`;
  });
  return ["| Field | Name | Value |", "|---|---|---|", ...rows, ""].join("\n");
}

function dockerRun(image: string): string {
  return [
    "# settings.json beside this file, readable by you alone",
    "docker run --rm --name eventhub-intake --stop-timeout 60 \\",
    "  -p 127.0.0.1:8000:8000 -p 127.0.0.1:8020:8020 \\",
    '  -e TRIGGER_CONFIGURATION="$(cat settings.json)" \\',
    `  ${image} azure_eventhub_messages_trigger`,
    "",
  ].join("\n");
}

function manifest(json: string, image: string): string {
  const indented = json
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  return `apiVersion: v1
kind: Secret
metadata:
  name: eventhub-intake
stringData:
  trigger_configuration: |
${indented}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: eventhub-intake
spec:
  replicas: 1
  selector:
    matchLabels: { app: eventhub-intake }
  template:
    metadata:
      labels: { app: eventhub-intake }
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: trigger
          image: ${image}
          args: [azure_eventhub_messages_trigger]
          volumeMounts:
            - { name: settings, mountPath: /symphony, readOnly: true }
          livenessProbe:
            httpGet: { path: /health, port: 8000 }
          securityContext:
            runAsNonRoot: true
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
      volumes:
        - name: settings
          secret: { secretName: eventhub-intake }
`;
}
