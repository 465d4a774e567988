import { readdirSync, readFileSync } from "node:fs";

/** The five raw events of the setup guide, in the order of their names. */
const SAMPLE_NAMES = [
  "audit_delete_app_assignment.json",
  "audit_rename_device.json",
  "device_compliance_org.json",
  "devices.json",
  "operational_compliance.json",
];

/** The sample events of Microsoft Intune, as the bundled format's tests hold them. */
export function intuneSamples(): readonly string[] {
  const folder = new URL("../../formats/microsoft-intune/tests/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => SAMPLE_NAMES.includes(name))
    .map((name) => {
      const sample = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
        input: { message: string };
      };
      return sample.input.message;
    });
}
