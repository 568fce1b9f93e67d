package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.data.SecretJson;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.database.PairDatabase.Login;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.PairOptions.Links;
import com.mcpist.pair.supervisor.PairOptions.Texts;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What another supervisor needs to go on with a pair that runs: how it was started, and what it
 * knows only since then. It has secrets, and so it is in no file: who holds the edge's socket
 * remembers it. Processes are not in it: {@link com.mcpist.pair.process.Orphans} are found.
 */
record PairRecord(
    int format,
    Path app,
    int port,
    String release,
    Optional<Texts> texts,
    Map<String, String> environment,
    Optional<Login> database,
    Map<String, String> secrets,
    Secret edgeAdminToken,
    Optional<Secret> edgeSecret,
    Stored edge,
    Set<String> drained,
    List<OriginRecord> origins) {
  private static final Logger LOG = LoggerFactory.getLogger(PairRecord.class);

  /** Another build's may have another one, and is of no use then. */
  static final int FORMAT = 2;

  /** The secrets are those stored since the pair was started. */
  record OriginRecord(String name, Map<String, String> secrets, ReleaseHistory history) {
    /** Never the secrets. */
    @Override
    public String toString() {
      return "OriginRecord[" + name + "]";
    }
  }

  /** Returns the record of a pair that is started for the first time. */
  static PairRecord first(PairOptions options, Releases releases, PairDatabase database, int port)
      throws PairException {
    Stored build = releases.store(options.app().resolve("origin"));
    List<OriginRecord> origins = new ArrayList<>();
    for (String name : options.deployment().originNames()) {
      Map<String, String> released =
          ChildEnvironment.released(options, origins.size(), build.digest());
      OriginRelease first = OriginRelease.of(build, released, Map.of());
      origins.add(new OriginRecord(name, Map.of(), ReleaseHistory.of(first)));
    }
    return new PairRecord(
        FORMAT,
        options.app(),
        port,
        options.release(),
        options.texts(),
        ChildEnvironment.used(options),
        database.login(),
        KnownSecrets.random().all(),
        Secret.random(),
        Optional.empty(),
        releases.store(options.app().resolve("edge")),
        Set.of(),
        origins);
  }

  PairRecord with(
      Map<String, String> secrets,
      Secret edgeSecret,
      Set<String> drained,
      List<OriginRecord> origins) {
    return new PairRecord(
        format,
        app,
        port,
        release,
        texts,
        environment,
        database,
        secrets,
        edgeAdminToken,
        Optional.of(edgeSecret),
        edge,
        Set.copyOf(drained),
        origins);
  }

  /** Empty where there is none that this build can use. */
  static Optional<PairRecord> remembered(Path run) {
    try {
      Optional<byte[]> bytes = SharedSocket.remembered(run);
      return bytes.isEmpty() ? Optional.empty() : Optional.of(of(bytes.get()));
    } catch (IOException | RuntimeException e) {
      // Whatever is wrong with it; without the parser's words, which show what is near.
      LOG.warn("The pair's record cannot be read: {}", e.getClass().getSimpleName());
      return Optional.empty();
    }
  }

  static PairRecord of(byte[] bytes) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      PairRecord read = SecretJson.MAPPER.readValue(in.readAllBytes(), PairRecord.class);
      if (read.format != FORMAT) {
        throw new IOException("it is of another build");
      }
      var _ = read.texts.orElseThrow().deployment(); // To this build it may be none.
      return read;
    }
  }

  /** Small, since the same variables are in release after release. */
  byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(SecretJson.MAPPER.writeValueAsBytes(this));
    }
    return bytes.toByteArray();
  }

  /** Whether a start with these options would come to the same pair; mounts come by releases. */
  boolean isAsIn(PairOptions others) {
    return texts.flatMap(Texts::file).equals(others.texts().flatMap(Texts::file))
        && Set.of(0, port).contains(others.port())
        && database(environment).equals(database(others.environment()));
  }

  private static String database(Map<String, String> environment) {
    return environment.getOrDefault("DATABASE_URL", "");
  }

  /** How the pair was started. */
  PairOptions options(Path data) {
    Deployment deployment = texts.orElseThrow().deployment();
    return new PairOptions(
        app,
        data,
        port,
        release,
        deployment,
        Guard.onThisMachine(deployment, environment),
        environment,
        Links.DIRECT,
        texts);
  }

  /** Never the secrets. */
  @Override
  public String toString() {
    return "PairRecord[port " + port + ", " + origins + "]";
  }
}
