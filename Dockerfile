# docker build -t harp-relay . && docker run -p 8787:8787 harp-relay
#
# Every option is an environment variable; application.yaml explains them. Nothing is written, so run it with a
# read-only root:
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges -p 8787:8787 harp-relay
#
# All base images are pinned to a version. To pin one to its exact bytes, append the digest that the registry gives:
#   docker buildx imagetools inspect eclipse-temurin:25.0.3_9-jdk-noble     # its first "Digest:"
#   FROM eclipse-temurin:25.0.3_9-jdk-noble@sha256:...
# Distroless has no version tags: its digest is its version. Renew both with each security release of the JDK
# (quarterly).

# --- the approver's app -----------------------------------------------------------------------------------------------
FROM node:20.20.2-bookworm-slim AS app
WORKDIR /app
# A stage of its own, so that a change of the relay alone does not build the app again.
COPY app/package.json app/package-lock.json app/.npmrc ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --prefer-offline
COPY app ./
RUN npm run build

# --- the relay --------------------------------------------------------------------------------------------------------
FROM eclipse-temurin:25.0.3_9-jdk-noble AS build
WORKDIR /src

# A Java runtime with the modules that the relay needs. It comes first, so that a builder that has it cached makes a new
# one only for another JDK, and a new version of the relay is a new layer without it.
COPY deploy/image/assemble deploy/image/
RUN mkdir /opt/harp-relay && deploy/image/assemble runtime /opt/harp-relay

# The product. What Maven downloads stays in the builder's cache, and is in no layer.
COPY .mvn .mvn
COPY mvnw pom.xml application.yaml openapi.yaml ./
COPY src src
COPY app/package-lock.json app/
COPY --from=app /app/dist app/dist
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -ntp -q -DskipTests -Dapp.from=dist package

# The AOT cache: loaded and linked classes, as a run of the relay leaves them. That run happens here.
COPY LICENSE /opt/harp-relay/
COPY deploy/image deploy/image
RUN deploy/image/assemble relay target/relay /opt/harp-relay

# --- the image: glibc, certificates and time zones, and no shell ------------------------------------------------------
# Not Alpine: its smaller C library would save 10 MB, and all figures in docs/deploy.md are of a JVM on this one.
FROM gcr.io/distroless/base-nossl-debian12:nonroot

ARG VERSION=unversioned
ARG REVISION=unknown
LABEL org.opencontainers.image.title="harp-relay" \
      org.opencontainers.image.description="A zero-knowledge relay for human approval requests" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="gcr.io/distroless/base-nossl-debian12:nonroot"

# Owned by root and written by nobody. The runtime is a layer of its own: it changes with the JDK, not with the relay.
# Whatever copies these files has to keep their times, which the AOT cache checks.
COPY --from=build /opt/harp-relay/runtime /opt/harp-relay/runtime
COPY --from=build /opt/harp-relay/lib /opt/harp-relay/lib
COPY --from=build /opt/harp-relay/LICENSE /opt/harp-relay/jvm.options /opt/harp-relay/harp-relay.jar \
     /opt/harp-relay/sbom.cdx.json /opt/harp-relay/harp-relay.aot /opt/harp-relay/

# The user as a number, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /opt/harp-relay
EXPOSE 8787

# SIGTERM drains: long polls are answered, then the process ends with 0. That takes DRAIN_TIMEOUT (5 s) at most and a
# moment, well within the 10 s that docker stop waits. With a longer DRAIN_TIMEOUT give it more: docker stop -t, or
# stop_grace_period.
STOPSIGNAL SIGTERM

# The image has no curl and no shell, so the runtime asks: a plain socket, a small heap, the same cache. One check takes
# about 150 ms. It uses HOST and PORT as the relay has them from the environment.
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 \
    CMD ["/opt/harp-relay/runtime/bin/java", "@/opt/harp-relay/jvm.options", "-Xmx16m", "-XX:TieredStopAtLevel=1", "-XX:AOTCache=/opt/harp-relay/harp-relay.aot", "-cp", "/opt/harp-relay/harp-relay.jar", "dev.harp.relay.outbound.HealthProbe"]

ENTRYPOINT ["/opt/harp-relay/runtime/bin/java", "@/opt/harp-relay/jvm.options", "-XX:AOTCache=/opt/harp-relay/harp-relay.aot", "-cp", "/opt/harp-relay/harp-relay.jar", "dev.harp.relay.Main"]
