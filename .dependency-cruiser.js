/** The law of motion: data goes one way, rooms meet in pipeline.ts and engine.ts alone. */
const only = (name, packages, rooms) => ({
  name,
  severity: "error",
  comment: `only ${rooms} may use ${packages}`,
  from: { path: "^src", pathNot: rooms },
  to: { path: packages },
});

const CONNECTOR_ROOMS = "hub|records|chunks|intake|checkpoint|deadletter";
const ECS_ROOMS = "source|template|functions|stages|compile|run|normalise";
// Small rooms under the others: Python's values and literals, and the linear regular expressions.
const ECS_BASE = "values|literal|regex";
// How formats and rules read YAML.
const YAML = "^src/yaml/tree\\.ts$";
const RULES_ROOMS = "source|compile|match|correlate|indicators";

export default {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "kernel-imports-nothing-of-ours",
      severity: "error",
      from: { path: "^src/kernel/" },
      to: { path: "^src/", pathNot: "^src/kernel/" },
    },
    {
      name: "connector-rooms-are-apart",
      severity: "error",
      comment: "a room of the connector sees itself, its contract and the kernel",
      from: { path: `^src/connector/(${CONNECTOR_ROOMS})/` },
      to: {
        path: "^src/",
        pathNot: ["^src/connector/$1/", "^src/connector/(contract\\.ts$|endpoint/|scan/)", "^src/kernel/"],
      },
    },
    {
      name: "endpoint-sees-the-kernel",
      severity: "error",
      comment: "where servers are and by what they know us; every room of the connector may ask it",
      from: { path: "^src/connector/endpoint/" },
      to: { path: "^src/", pathNot: ["^src/connector/endpoint/", "^src/kernel/"] },
    },
    {
      name: "scan-sees-nothing",
      severity: "error",
      comment: "the text engine: bytes in, ranges out",
      from: { path: "^src/connector/scan/" },
      to: { path: "^src/", pathNot: ["^src/connector/scan/"] },
    },
    {
      name: "preflight-is-apart",
      severity: "error",
      comment: "the checks use the same endpoints as the connector, and nothing else of it",
      from: { path: "^src/preflight/" },
      to: { path: "^src/", pathNot: ["^src/preflight/", "^src/connector/endpoint/", "^src/kernel/"] },
    },
    {
      name: "connector-is-apart",
      severity: "error",
      from: { path: "^src/connector/[^/]+\\.ts$" },
      to: { path: "^src/", pathNot: ["^src/connector/", "^src/kernel/"] },
    },
    {
      name: "contract-is-types",
      severity: "error",
      from: { path: "^src/connector/contract\\.ts$" },
      to: { path: "^src/" },
    },
    {
      name: "ecs-contract-sees-itself",
      severity: "error",
      comment: "what the library's rooms say to each other: types, by subject",
      from: { path: "^src/ecs/contract/" },
      to: { path: "^src/", pathNot: ["^src/ecs/contract/", "^src/kernel/(diagnostic|yaml-bounds)\\.ts$"] },
    },
    {
      name: "platform-is-apart",
      severity: "error",
      from: { path: "^src/platform/" },
      to: { path: "^src/", pathNot: ["^src/platform/", "^src/kernel/"] },
    },
    {
      name: "ecs-rooms-are-apart",
      severity: "error",
      comment: "a room of the library sees itself, the contracts, the base rooms and the library's data",
      from: { path: `^src/ecs/(${ECS_ROOMS})/` },
      to: {
        path: "^src/",
        pathNot: [
          "^src/ecs/$1/",
          "^src/ecs/contract/",
          "^src/ecs/data/",
          `^src/ecs/(${ECS_BASE})/`,
          YAML,
          "^src/kernel/(diagnostic|yaml-bounds)\\.ts$",
        ],
      },
    },
    {
      name: "ecs-base-rooms-see-the-contract",
      severity: "error",
      from: { path: `^src/ecs/(${ECS_BASE})/` },
      to: {
        path: "^src/",
        pathNot: [
          "^src/ecs/contract/",
          `^src/ecs/(${ECS_BASE})/`,
          "^src/kernel/(diagnostic|yaml-bounds)\\.ts$",
        ],
      },
    },
    {
      name: "ecs-is-apart",
      severity: "error",
      from: { path: "^src/ecs/" },
      to: { path: "^src/", pathNot: ["^src/ecs/", YAML, "^src/kernel/(diagnostic|yaml-bounds)\\.ts$"] },
    },
    {
      name: "ecs-rooms-are-pure",
      severity: "error",
      comment: "text in, event out: no file system, network, process or clock",
      from: {
        path: `^src/ecs/(${ECS_ROOMS}|${ECS_BASE}|contract|data)/|^src/ecs/engine\\.ts$`,
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "rules-rooms-are-apart",
      severity: "error",
      comment:
        "a room of the rule library sees itself, the contracts, the values and the linear regular expressions",
      from: { path: `^src/rules/(${RULES_ROOMS}|values)/` },
      to: {
        path: "^src/",
        pathNot: [
          "^src/rules/$1/",
          "^src/rules/(contract|syntax)\\.ts$",
          "^src/rules/values/",
          "^src/ecs/(data/|regex/index\\.ts$)",
          YAML,
          "^src/kernel/",
        ],
      },
    },
    {
      name: "rules-are-apart",
      severity: "error",
      from: { path: "^src/rules/" },
      to: { path: "^src/", pathNot: ["^src/(rules|kernel)/", "^src/ecs/(data/|regex/index\\.ts$)", YAML] },
    },
    {
      name: "yaml-sees-the-kernel",
      severity: "error",
      comment: "text in, trees out",
      from: { path: "^src/yaml/" },
      to: { path: "^src/", pathNot: ["^src/yaml/", "^src/kernel/(diagnostic|yaml-bounds)\\.ts$"] },
    },
    {
      name: "rules-rooms-are-pure",
      severity: "error",
      comment: "text in, alerts out: no file system, network, process or clock",
      from: {
        path: `^src/yaml/|^src/rules/(${RULES_ROOMS}|values)/|^src/rules/(engine|contract|syntax)\\.ts$`,
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-connector-rooms",
      severity: "error",
      from: { path: "^src/connector/(records|chunks)/" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(buffer|zlib)$" },
    },
    {
      name: "studio-server-sees-what-it-drives",
      severity: "error",
      comment:
        "the composing room, the local servers, and the libraries; the platform and the connector by way of app",
      from: { path: "^src/studio/server/" },
      to: {
        path: "^src/",
        pathNot: [
          "^src/studio/(server/|contract)",
          "^src/(app|local|ecs|rules|kernel)/",
          "^src/preflight/contract\\.ts$",
        ],
      },
    },
    {
      name: "local-is-apart",
      severity: "error",
      comment:
        "the servers for one machine judge the connector, so they know nothing of it; they parse and match as an intake does",
      from: { path: "^src/local/" },
      to: { path: "^src/", pathNot: ["^src/local/", "^src/kernel/", "^src/ecs/", "^src/rules/"] },
    },
    {
      name: "connector-is-seen-by-app",
      severity: "error",
      comment: "app alone sees platform and connector together",
      from: { path: "^src/", pathNot: "^src/(app|connector|preflight)/" },
      to: { path: "^src/connector/" },
    },
    {
      name: "platform-is-seen-by-app",
      severity: "error",
      comment: "beside app, the container's entry and the command line read its contract",
      from: { path: "^src/", pathNot: "^src/(app|platform|cli)/|^src/(main|index)\\.ts$" },
      to: { path: "^src/platform/" },
    },
    {
      name: "cli-has-the-last-word",
      severity: "error",
      comment: "nothing depends on the command line",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "studio-contract-is-apart",
      severity: "error",
      comment: "what page and server say to each other, and nothing of either",
      from: { path: "^src/studio/contract(\\.ts$|/)" },
      to: { path: "^src/", pathNot: "^src/studio/contract/" },
    },
    {
      name: "studio-page-is-apart",
      severity: "error",
      comment: "the page sees the contract, and ecs and rules as libraries",
      from: { path: "^src/studio/ui/" },
      to: { path: "^src/", pathNot: "^src/(studio/(ui/|contract(\\.ts$|/))|(ecs|rules)/index\\.ts$)" },
    },
    {
      name: "studio-is-for-the-command-line",
      severity: "error",
      comment: "nothing but a command starts the studio",
      from: { path: "^src/", pathNot: "^src/(studio|cli)/" },
      to: { path: "^src/studio/" },
    },
    only(
      "event-hubs-stays-in-its-room",
      "node_modules/(@azure/event-hubs|@azure/core-amqp|@azure/eventhubs-checkpointstore-blob|rhea-promise)/",
      "^src/(connector/(hub|checkpoint|endpoint)/|preflight/|local/producer\\.ts$)",
    ),
    only("rhea-stays-in-its-rooms", "node_modules/rhea/", "^src/(connector|local)/hub/"),
    only(
      "blobs-stay-in-their-rooms",
      "node_modules/@azure/storage-blob/",
      "^src/(connector/(hub|checkpoint|deadletter|endpoint)/|preflight/|local/demo\\.ts$)",
    ),
    only("axios-stays-in-its-rooms", "node_modules/axios/", "^src/(connector/intake|platform|preflight)/"),
    only("identity-stays-in-its-room", "node_modules/@azure/identity/", "^src/connector/endpoint/"),
    only("web-sockets-stay-in-their-rooms", "node_modules/ws/", "^src/(connector/endpoint|local/hub)/"),
    only("ajv-stays-in-its-room", "node_modules/(ajv|ajv-formats)/", "^src/platform/"),
    only("metrics-stay-in-their-room", "node_modules/prom-client/", "^src/app/telemetry/"),
    only("log-lines-stay-in-their-room", "node_modules/pino/", "^src/platform/logging/"),
    only("yaml-stays-in-its-room", "node_modules/yaml/", "^src/(yaml|(ecs|rules)/source)/"),
    only("commander-stays-in-its-room", "node_modules/commander/", "^src/cli/"),
    only("hono-stays-in-its-room", "node_modules/(hono|@hono/node-server)/", "^src/studio/server/"),
    only("sqlite-stays-in-its-rooms", "^(node:)?sqlite$", "^src/(local/intake|studio/server)/"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
