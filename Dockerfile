# The origin as an image, the same for every platform: what differs between them is environment variables. docs/operations/image.md
#
#   docker build --build-arg RELEASE="$(git rev-parse --short HEAD)" --tag mcpist-origin .
#
# BASE is a tag, so that each build has Debian's newest security updates. Where a build must have the bytes of another one, give a
# digest: --build-arg BASE=debian@sha256:…, which `docker buildx imagetools inspect debian:trixie-slim` shows.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
# Packages of Java make links in a folder that the slim image has thrown away.
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      ca-certificates curl openjdk-25-jdk-headless unzip \
 && rm -rf /var/lib/apt/lists/*
# What the origin needs of the JDK, in alphabetical order. image/runtime fails when the JDK adds others, image/assemble when jars need more.
ARG MODULES=java.base,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,java.transaction.xa,java.xml,jdk.management,jdk.unsupported
COPY image/runtime /usr/local/bin/runtime
RUN runtime "$MODULES" /opt/java
WORKDIR /src
COPY . .
# Maven and its libraries are kept here from one build to the next. Where Maven's repository is not to be reached, another folder can
# be mounted and named instead, one that has them: `wrapper` and `repository`, as ~/.m2.
ARG MAVEN_USER_HOME=/var/cache/maven
RUN --mount=type=cache,target=/var/cache/maven \
    MAVEN_USER_HOME="$MAVEN_USER_HOME" ./mvnw --quiet --projects origin --also-make package \
      -Dmaven.repo.local="$MAVEN_USER_HOME/repository" -Dmaven.test.skip=true -Dformat.skip=true \
 && image/assemble target/app/origin /opt/mcpist "$MODULES"

FROM ${BASE} AS runtime
RUN groupadd --gid 10001 mcpist \
 && useradd --uid 10001 --gid mcpist --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin mcpist
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/mcpist /opt/mcpist
COPY image/healthcheck /usr/local/bin/healthcheck

# An origin that answers some requests on a database of its own, and what the JVM has learnt by it.
FROM runtime AS training
RUN apt-get update \
 && mkdir -p /usr/share/man/man1 /etc/postgresql-common \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends curl openssl postgresql
COPY image/train /usr/local/bin/train
RUN train /opt/mcpist/origin.aot

FROM runtime
COPY --from=training /opt/mcpist/origin.aot /opt/mcpist/origin.aot
ARG RELEASE=dev
LABEL org.opencontainers.image.title="MCPist origin" \
      org.opencontainers.image.description="An MCP server, one of a pair that keeps answering" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${RELEASE}"
ENV RELEASE=${RELEASE}
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["healthcheck"]
ENTRYPOINT ["/opt/java/bin/java", "@/opt/mcpist/origin.args"]
