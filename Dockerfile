# The context is the module's folder: docker build -t eventhub-intake .
# To pin the base image, pass its digest: docker pull node:24-slim; docker inspect --format '{{index .RepoDigests 0}}' node:24-slim
# names it, and --build-arg BASE_IMAGE=node:24-slim@sha256:… uses it.
ARG BASE_IMAGE=node:24-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Install scripts only fetch a second Node.js for development; the image brings its own.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY src ./src
RUN npm run build

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="eventhub-intake" \
  org.opencontainers.image.description="Forwards Azure Event Hubs logs to the intake of a SOC" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
# The data path allocates almost nothing; a small young generation stays in the processor's caches, and the heap small.
ENV NODE_OPTIONS=--max-semi-space-size=4
# What is freed goes back to the system at once, instead of lying in the allocator's many arenas.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=65536
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /app/dist ./dist
COPY manifest.json trigger_consume_eventhub.json connector_consume_eventhub.json logo.svg LICENSE NOTICE ./
COPY formats ./formats
COPY rules ./rules
COPY infra/azuredeploy.json ./infra/

# Probes and scrapers come from outside the container; everywhere else the servers stay on the loopback interface.
ENV LISTEN_HOST=0.0.0.0
# The user `node` of the base image, as a number, so that a cluster can see that it is not root.
USER 1000:1000

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.LIVENESS_PORT || 8000}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# Without the flag, SIGUSR1 opens a debugger, and with it everything that the process knows.
ENTRYPOINT ["node", "--disable-sigusr1", "dist/main.js"]
CMD ["azure_eventhub_messages_trigger"]
