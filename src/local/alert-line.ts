import { counted } from "../kernel/counted.ts";
import type { Alert } from "./intake/alerts/alert-store.ts";

/** An alert in one line, as the terminal shows it. */
export function alertLine({ level, ruleTitle, entity, events }: Alert): string {
  const about = entity === "" ? "" : ` (${entity})`;
  return `alert         ${level}: ${ruleTitle}${about}, ${counted(events, "event")}`;
}
