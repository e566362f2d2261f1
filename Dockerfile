# Candor as an image: one program and nothing else of ours. See docs/packages.md.
# Pin both bases by digest where it matters: --build-arg BUILD_IMAGE=docker.io/library/node:24-trixie-slim@sha256:…
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
ARG RUNTIME_IMAGE=docker.io/library/debian:trixie-slim

FROM $BUILD_IMAGE AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY bin ./bin
COPY tools ./tools
COPY src ./src
COPY tsconfig.json ./
COPY web/tsconfig.json ./web/
COPY web/src ./web/src
COPY docs/problems.md ./docs/problems.md
RUN node tools/bun.mjs tools/binary.ts --out /out/candor \
 && node tools/bun.mjs tools/sbom.ts --out /out/sbom.json

FROM $RUNTIME_IMAGE
LABEL org.opencontainers.image.title="Candor" \
      org.opencontainers.image.description="An LLM gateway you run yourself: nothing it does is silent." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY LICENSE NOTICE /usr/share/doc/candor/
COPY deploy/healthy.mjs /usr/local/lib/candor/
COPY --from=build /out/sbom.json /usr/share/doc/candor/sbom.json
COPY --from=build /out/candor /usr/local/bin/candor
RUN install -d -m 0700 -o 10001 -g 10001 /data
# Configuration: /config/candor/candor.json5, if there is one. The ledger, keys and the note of the running gateway: /data.
ENV CANDOR_CONTAINER=1 \
    CANDOR_HOME=/data \
    XDG_CONFIG_HOME=/config \
    HOME=/data
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8787
STOPSIGNAL SIGTERM
# Healthy is a gateway that answers. What somebody should look at, such as a quota that is used up, is no reason to restart: candor status tells it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["env", "BUN_BE_BUN=1", "candor", "--no-env-file", "--config=/dev/null", "--no-install", "/usr/local/lib/candor/healthy.mjs"]
ENTRYPOINT ["/usr/local/bin/candor"]
# All addresses of the container. Without a gateway key Candor refuses to start like this.
CMD ["serve", "--host", "0.0.0.0"]
