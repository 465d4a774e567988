import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    reporters: ["default", ["json", { outputFile: "coverage/results.json" }]],
    coverage: {
      provider: "v8",
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
