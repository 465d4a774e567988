import type { Dict } from "../contract/value.ts";
import { canonicalIp } from "../values/ip.ts";
import { setDomainParts } from "./domain.ts";
import { dictAt, dictMadeAt, isMissing, shared, textAt } from "./draft-fields.ts";

/** `action.outcome` overrides `event.outcome`. */
export function takeOutcome(draft: Dict): void {
  const outcome = dictAt(draft, "action")?.get("outcome");
  if (outcome !== undefined && outcome !== null) {
    dictMadeAt(draft, "event")?.set("outcome", shared(outcome));
  }
}

/** A host without a name is named by its hostname. */
export function nameHost(draft: Dict): void {
  const host = dictAt(draft, "host");
  const hostname = host?.get("hostname");
  if (host !== undefined && hostname !== undefined && hostname !== null && isMissing(host, "name")) {
    host.set("name", shared(hostname));
  }
}

/** Splits `file.path` into name and directory when the file has no name. */
export function nameFile(draft: Dict): void {
  const file = dictAt(draft, "file");
  const path = textAt(file, "path");
  if (file === undefined || path === undefined || !isMissing(file, "name")) {
    return;
  }
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  file.set("name", path.slice(cut + 1));
  file.set("directory", path.slice(0, Math.max(0, cut)));
}

/** Takes the name of a DNS question apart. */
export function splitQuestion(draft: Dict): void {
  const question = dictAt(dictAt(draft, "dns"), "question");
  const name = textAt(question, "name");
  if (question !== undefined && name !== undefined) {
    setDomainParts(question, name);
  }
}

/** A DNS answer without a type whose name is an address is an address record. */
export function typeAnswers(draft: Dict): void {
  const answers = dictAt(draft, "dns")?.get("answers");
  if (!Array.isArray(answers)) {
    return;
  }
  for (const answer of answers) {
    if (!(answer instanceof Map) || !isMissing(answer, "type")) {
      continue;
    }
    const name = answer.get("name");
    if (typeof name !== "string" || canonicalIp(name) === undefined) {
      continue;
    }
    answer.set("type", name.includes(":") ? "AAAA" : "A");
  }
}
