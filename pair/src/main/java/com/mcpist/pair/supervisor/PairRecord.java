package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.data.SecretJson;
import com.mcpist.pair.data.WholeFile;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.database.PairDatabase.Login;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.supervisor.PairOptions.Links;
import com.mcpist.pair.supervisor.PairOptions.Texts;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What another supervisor needs to go on with a pair that runs: how it was started, and what it
 * knows only since then. It has secrets, and so its file is for its owner only, and there only
 * while the pair runs. Processes are not in it: {@link com.mcpist.pair.process.Orphans} are found.
 */
record PairRecord(
    int format,
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
  static final int FORMAT = 1;

  /** The secrets are those stored since the pair was started. */
  record OriginRecord(String name, int port, Map<String, String> secrets, ReleaseHistory history) {
    /** Never the secrets. */
    @Override
    public String toString() {
      return "OriginRecord[" + name + "]";
    }
  }

  /** That of a pair that is started for the first time, on ports that are free. */
  static PairRecord first(
      PairOptions options, Releases releases, PairDatabase database, int port, Ports ports)
      throws PairException {
    Stored build = releases.store(options.app().resolve("origin"));
    List<OriginRecord> origins = new ArrayList<>();
    for (String name : options.deployment().originNames()) {
      Map<String, String> released =
          ChildEnvironment.released(options, origins.size(), build.digest());
      OriginRelease first = OriginRelease.of(build, released, Map.of());
      origins.add(new OriginRecord(name, ports.next(), Map.of(), ReleaseHistory.of(first)));
    }
    return new PairRecord(
        FORMAT,
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

  private static Path file(Path data) {
    return DataFolder.run(data).resolve("pair.json");
  }

  /** Empty where there is none that this build can use. */
  static Optional<PairRecord> read(Path data) {
    try {
      PairRecord read = SecretJson.MAPPER.readValue(Files.readString(file(data)), PairRecord.class);
      if (read.format != FORMAT) {
        return Optional.empty();
      }
      var _ = read.texts.orElseThrow().deployment(); // To this build it may be none.
      return Optional.of(read);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      // Whatever is wrong with it; without the parser's words, which show what is near.
      LOG.warn("The pair's record cannot be read: {}", e.getClass().getSimpleName());
      return Optional.empty();
    }
  }

  void write(Path data) throws PairException {
    var _ =
        WholeFile.<Integer, PairException>write(
            file(data),
            out -> {
              byte[] bytes = SecretJson.MAPPER.writeValueAsBytes(this);
              out.write(bytes);
              return bytes.length;
            });
  }

  static void delete(Path data) {
    try {
      Files.deleteIfExists(file(data));
    } catch (IOException e) {
      LOG.warn("The pair's record stays: {}", e.toString());
    }
  }

  /** When a supervisor was there last. */
  static Optional<Instant> seen(Path data) {
    try {
      return Optional.of(Files.getLastModifiedTime(file(data)).toInstant());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  static void touch(Path data) {
    try {
      Files.setLastModifiedTime(file(data), FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("The pair's record stays as old as it is", e);
    }
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
  PairOptions options(PairOptions now) {
    Deployment deployment = texts.orElseThrow().deployment();
    return new PairOptions(
        now.app(),
        now.data(),
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
