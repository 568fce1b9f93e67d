# The origin as an image, the same for every platform: what differs between them is environment variables. docs/operations/image.md
#
#   docker build --build-arg RELEASE="$(git rev-parse --short HEAD)" --tag mcpist-origin .
#
# For mounts.json with servers that npx or uvx starts, add --target runtimes: the same with Node.js, Python and uv. There are two more:
# --target edge is the Java edge, --target pair a whole pair, from the archive that build/package has made in target/release.
#
# BASE is a tag, so that each build has Debian's newest security updates. Where a build must have the bytes of another one, give a
# digest: --build-arg BASE=debian@sha256:…, which `docker buildx imagetools inspect debian:trixie-slim` shows.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS sources
# Packages of Java make links in a folder that the slim image has thrown away.
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      ca-certificates curl openjdk-25-jdk-headless unzip \
 && rm -rf /var/lib/apt/lists/*
# What origin and edge need of the JDK, in alphabetical order. image/runtime fails when the JDK adds others, image/assemble when jars need more.
ARG MODULES=java.base,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,java.transaction.xa,java.xml,jdk.management,jdk.unsupported
COPY image/runtime /usr/local/bin/runtime
RUN runtime "$MODULES" /opt/java
WORKDIR /src
COPY . .
# Maven and its libraries are kept here from one build to the next. Where Maven's repository is not to be reached, another folder can
# be mounted and named instead, one that has them: `wrapper` and `repository`, as ~/.m2.
ARG MAVEN_USER_HOME=/var/cache/maven
ENV MAVEN_USER_HOME=${MAVEN_USER_HOME} \
    MAVEN_ARGS="--quiet -Dmaven.repo.local=${MAVEN_USER_HOME}/repository -Dmaven.test.skip=true -Dmcpist.checks=off" \
    MODULES=${MODULES}

FROM sources AS build
RUN --mount=type=cache,target=/var/cache/maven \
    ./mvnw --projects origin --also-make package && image/assemble target/app/origin /opt/mcpist "$MODULES"

FROM sources AS build-edge
RUN --mount=type=cache,target=/var/cache/maven \
    ./mvnw --projects edge --also-make package && image/assemble target/app/edge /opt/mcpist "$MODULES"

FROM ${BASE} AS user
RUN groupadd --gid 10001 mcpist \
 && useradd --uid 10001 --gid mcpist --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin mcpist \
 && install -D --mode=711 /bin/bash /usr/local/libexec/unreadable/bash
COPY image/healthcheck /usr/local/bin/healthcheck

# An origin that answers some requests on a database of its own, and what the JVM has learnt by it. The database is installed first: a
# change of the program does not install it again.
FROM user AS training
RUN apt-get update \
 && mkdir -p /usr/share/man/man1 /etc/postgresql-common \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends curl openssl postgresql
COPY image/train /usr/local/bin/train
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/mcpist /opt/mcpist
RUN train /opt/mcpist/origin.aot

FROM user AS origin
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/mcpist /opt/mcpist
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

FROM origin AS runtimes
USER root
# Debian's Node.js and Python get its security updates as the base does. npm and uv are pinned by version and hash: Debian's npm is of
# 2023, and has 400 packages; it has no uv. The hash is that of the package's archive, as
# sha512sum prints it. image/uv.txt has uv's version and hashes.
ARG NPM=11.21.2
ARG NPM_SHA512=ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4
COPY image/uv.txt /tmp/uv.txt
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      ca-certificates curl nodejs python3 python3-pip \
 && pip install --no-cache-dir --break-system-packages --require-hashes --only-binary :all: --requirement /tmp/uv.txt \
 && curl --silent --show-error --fail --output /tmp/npm.tgz "https://registry.npmjs.org/npm/-/npm-$NPM.tgz" \
 && echo "$NPM_SHA512  /tmp/npm.tgz" | sha512sum --check --quiet \
 && mkdir /usr/local/lib/npm \
 && tar --extract --gzip --file /tmp/npm.tgz --strip-components 1 --directory /usr/local/lib/npm \
 && ln -s ../lib/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/npm/bin/npx-cli.js /usr/local/bin/npx \
 && npx --version \
 && uvx --version \
 && apt-get purge --yes --autoremove curl python3-pip \
 && rm -rf /var/lib/apt/lists/* /tmp/uv.txt /tmp/npm.tgz
# What npx and uvx download goes here: the one folder that may be written, and that may be a tmpfs.
RUN install --directory --mode=1777 /var/cache/mcpist
ENV HOME=/var/cache/mcpist UV_PYTHON_DOWNLOADS=never
USER 10001:10001

FROM user AS edge
COPY --from=build-edge /opt/java /opt/java
# The JDK's classes, as an archive for the headers and the native access that the edge has.
RUN /opt/java/bin/java -XX:+UseCompactObjectHeaders -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Xshare:dump
COPY --from=build-edge /opt/mcpist /opt/mcpist
ARG RELEASE=dev
LABEL org.opencontainers.image.title="MCPist edge" \
      org.opencontainers.image.description="Sends calls to the origin that answers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${RELEASE}"
ENV PORT=8080
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["healthcheck"]
ENTRYPOINT ["/opt/java/bin/java", "@/opt/mcpist/edge.args"]

FROM ${BASE} AS unpacked
ADD target/release/mcpist-*-linux-*.tar.gz /opt/
RUN mv /opt/mcpist-* /opt/mcpist

FROM user AS pair
COPY --from=unpacked /opt/mcpist /opt/mcpist
ARG RELEASE=dev
LABEL org.opencontainers.image.title="MCPist" \
      org.opencontainers.image.description="A pair of MCP servers behind an edge, with their database" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${RELEASE}"
# The launcher makes an archive of classes.
RUN ln -s /opt/mcpist/mcpist /usr/local/bin/mcpist \
 && mcpist --version \
 && install --directory --owner=mcpist --group=mcpist /var/lib/mcpist
ENV PORT=8080 HOME=/var/lib/mcpist XDG_DATA_HOME=/var/lib
WORKDIR /var/lib/mcpist
VOLUME /var/lib/mcpist
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["healthcheck"]
ENTRYPOINT ["mcpist"]
CMD ["up"]

# Without another target.
FROM origin
