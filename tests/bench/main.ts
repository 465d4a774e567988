/** `npm run bench -- NAME`: runs one benchmark, a file of this folder. */
import process from "node:process";

const BENCHMARKS: Readonly<Record<string, () => Promise<unknown>>> = {
  connector: () => import("./connector.ts"),
  ecs: () => import("./ecs.ts"),
  hub: () => import("./hub.ts"),
  latency: () => import("./latency.ts"),
  live: () => import("./live.ts"),
  memory: () => import("./memory.ts"),
  search: () => import("./search.ts"),
  rules: () => import("./rules.ts"),
  soak: () => import("./soak.ts"),
  "slow-intake": () => import("./slow-intake.ts"),
};

const [name = ""] = process.argv.splice(2, 1);
const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (benchmark === undefined) {
  process.stderr.write(`no benchmark "${name}"; there are: ${Object.keys(BENCHMARKS).join(", ")}\n`);
  process.exitCode = 2;
} else {
  await benchmark();
}
