import { setupSteps } from "../../app/setup.ts";
import type { Parts } from "./parts.ts";
import { Refused } from "./problem.ts";
import type { Handlers } from "./router.ts";

const RUNS_A_PAGE = 50;
const DONE = { done: true } as const;

/** One handler for each route of the contract. */
export function handlersOf(parts: Parts): Handlers {
  const { playbook, runs, events, alerts, trials, formats, work, manifest, item, options } = parts;
  return {
    "GET /api/studio": () => ({
      version: String(manifest["version"]),
      hasOwnTrigger: options.stack?.handOver !== undefined,
      address: `127.0.0.1:${parts.port()}`,
      dataFolder: options.dataFolder ?? null,
      trigger: {
        name: String(item["name"]),
        description: String(item["description"]),
        module: String(manifest["name"]),
        schema: item["arguments"] as Record<string, unknown>,
      },
      accountSchema: manifest["configuration"] as Record<string, unknown>,
      image: `eventhub-intake:${manifest["version"]}`,
    }),
    "GET /api/playbook": () => parts.readPlaybook(),
    "PUT /api/playbook": ({ body }) => {
      const before = JSON.stringify(playbook.settings());
      const problems = playbook.broken(playbook.merged(body.draft)).length;
      if (playbook.isOn && problems > 0) {
        throw new Refused(
          "conflict",
          `The playbook is on, and these settings have ${problems === 1 ? "a problem" : `${problems} problems`}. Fix them, or switch it off before you save.`,
        );
      }
      playbook.save(body);
      if (playbook.isOn && JSON.stringify(playbook.settings()) !== before) {
        runs.renew();
      }
      parts.playbookChanged();
      return parts.readPlaybook();
    },
    "POST /api/playbook/judge": ({ body }) => ({ problems: [...playbook.judge(playbook.merged(body))] }),
    "POST /api/playbook/switch": async ({ body }) => {
      const problems = playbook.broken(playbook.settings());
      if (body.isOn && problems.length > 0) {
        throw new Refused(
          "conflict",
          `The saved settings have ${problems.length === 1 ? "a problem" : `${problems.length} problems`}. Fix and save them first.`,
        );
      }
      if (body.isOn) {
        await options.stack?.handOver?.();
      }
      playbook.switch(body.isOn);
      if (body.isOn) {
        runs.switchOn();
      } else {
        runs.switchOff();
      }
      parts.playbookChanged();
      return parts.readPlaybook();
    },
    "POST /api/playbook/secrets/:name/show": ({ part }) => {
      const name = part("name");
      const value = playbook.secretNames.includes(name) ? playbook.settings()[name] : undefined;
      if (typeof value !== "string") {
        throw new Refused("not-found", "No such secret is saved.");
      }
      return { value };
    },
    "POST /api/check": ({ body }) => parts.startCheck(playbook.merged(body)),
    "POST /api/local-stack/settings": () => parts.localStack.settings(),
    "POST /api/local-stack/samples": async ({ body }) => ({
      sent: await parts.localStack.sendSamples(body.count),
    }),
    "GET /api/runs": ({ query }) => {
      const limit = query.limit ?? RUNS_A_PAGE;
      const found = runs.list(
        query.cursor === undefined ? Number.MAX_SAFE_INTEGER : numberOf(query.cursor),
        limit,
      );
      return { runs: [...found], next: found.length === limit ? (found.at(-1)?.id ?? null) : null };
    },
    "GET /api/runs/:id": ({ part }) => runs.detail(numberOf(part("id"))),
    "POST /api/runs/:id/stop": ({ part }) => {
      if (runs.run(numberOf(part("id"))).status !== "Running") {
        throw new Refused("conflict", "This run has ended already.");
      }
      playbook.switch(false);
      runs.switchOff();
      parts.playbookChanged();
      return DONE;
    },
    "GET /api/runs/:id/log": ({ part, query }) => {
      const { id } = runs.run(numberOf(part("id")));
      return runs.log.page(Number(id), query);
    },
    "GET /api/dead-letters": () => work.deadLetters(playbook.settings()),
    "POST /api/dead-letters/replay": async () => {
      const report = await work.replay(playbook.settings());
      parts.live.publish({ type: "changed", what: "dead-letters" });
      return report;
    },
    "GET /api/events": ({ query }) => events.hits(query),
    "GET /api/events/histogram": ({ query }) => events.histogram(query),
    "GET /api/events/facets": ({ query }) => events.facets(query),
    "GET /api/events/fields": () => events.fields(),
    "GET /api/events/values": ({ query }) => events.values(query.field, query.prefix),
    "GET /api/events/:id": ({ part }) => events.detail(part("id")),
    "GET /api/events/:id/parsing": ({ part }) => formats.parsing(events.byId(part("id")).raw),
    "GET /api/alerts": ({ query }) => alerts.page(query),
    "GET /api/alerts/:id": ({ part }) => alerts.detail(part("id")),
    "POST /api/alerts/:id/state": ({ part, body }) => {
      alerts.set(part("id"), body.state);
      return DONE;
    },
    "GET /api/rules": () => alerts.rules(),
    "GET /api/rules/:id": ({ part }) => alerts.rule(part("id")),
    "POST /api/rules/:id/switch": ({ part, body }) => {
      alerts.switch(part("id"), body.isOn);
      return DONE;
    },
    "POST /api/rules/:id/test": ({ part }) => alerts.test(part("id")),
    "POST /api/rules/try": ({ body }) => trials.start(body),
    "GET /api/rules/trials/:id": ({ part }) => trials.trial(part("id")),
    "POST /api/rules/trials/:id/stop": ({ part }) => trials.stop(part("id")),
    "GET /api/formats": () => ({ formats: formats.list() }),
    "GET /api/formats/language": () => formats.language(),
    "GET /api/formats/:name": ({ part }) => formats.detail(part("name")),
    "POST /api/formats/:name/try": ({ part, body }) => formats.try(part("name"), body),
    "POST /api/formats/:name/test": ({ part, body }) => formats.test(part("name"), body.parser),
    "POST /api/formats/:name/save": ({ part, body }) => {
      const saved = formats.save(part("name"), body.name, body.parser);
      parts.live.publish({ type: "changed", what: "formats" });
      return saved;
    },
    "GET /api/setup": () => ({
      steps: [
        ...setupSteps({
          project: "intune",
          resourceGroup: "eventhub-intake",
          location: "westeurope",
          principalId: undefined,
          infraFolder: "infra",
        }),
      ],
    }),
  };
}

function numberOf(id: string): number {
  if (!/^\d{1,15}$/.test(id)) {
    throw new Refused("not-found", "There is nothing of this number.");
  }
  return Number(id);
}
