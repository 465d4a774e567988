import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take long, mostly waiting for processes: begun last, each would run alone at the end. */
const LONG = [
  "tests/docs/shell-blocks.test.ts",
  "tests/chaos/chaos.test.ts",
  "tests/browser/",
  "tests/ecs/regex/equivalence.test.ts",
  "tests/conformance/",
  "tests/e2e/",
  "tests/module/package.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((part) => moduleId.includes(part));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // More than two cores: many tests wait for servers and processes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    reporters: ["default", ["json", { outputFile: "coverage/results.json" }]],
    coverage: {
      provider: "v8",
      // The results of `npm run interop` lie there too.
      clean: false,
      include: ["src/**/*.ts"],
      // What needs a browser is driven by tests/browser in one.
      exclude: [
        "src/cli/main.ts",
        "src/main.ts",
        "src/studio/ui/shared/**",
        "src/studio/ui/playbook/judged.ts",
      ],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 90 },
    },
  },
});
