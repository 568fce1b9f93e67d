package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.control.PrivateFolders;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.JvmProgram.ClassArchive;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.supervisor.PairOptions.Links;
import com.mcpist.pair.supervisor.PairRecord.OriginRecord;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;

/**
 * What all processes of an origin have in common: a release may change what is inherited of the
 * machine, and not what is hosted, which the supervisor sets; the secrets are among both.
 */
record OriginBlueprint(
    String name,
    Map<String, String> inherited,
    Map<String, String> hosted,
    Map<String, String> secrets,
    URI socket,
    String healthPath,
    Duration readyLimit,
    Duration finishLimit,
    Duration stopLimit,
    Path cache) {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);

  /** For the calls in flight, 25 s at most, and the end. */
  private static final Duration FINISH_LIMIT = Duration.ofSeconds(30);

  /** The edge is gone by then, and with it every call. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  static OriginBlueprint of(
      PairOptions options,
      OriginRecord origin,
      URI socket,
      PairDatabase database,
      KnownSecrets known)
      throws PairException {
    Map<String, String> inherited = ChildEnvironment.inherited(options);
    Map<String, String> hosted =
        ChildEnvironment.hosted(socket, reached(database, options.links(), origin.name()), known);
    hosted.put(PrivateFolders.VARIABLE, PrivateFolders.json(options.data(), options.environment()));
    return new OriginBlueprint(
        origin.name(),
        inherited,
        hosted,
        ChildEnvironment.secrets(options.deployment(), inherited, hosted),
        socket,
        options.deployment().monitor().path(),
        READY_LIMIT,
        FINISH_LIMIT,
        STOP_LIMIT,
        DataFolder.cache(options.environment()));
  }

  private static Map<String, String> reached(PairDatabase database, Links links, String origin)
      throws PairException {
    Map<String, String> reached = new TreeMap<>(database.environment());
    OwnDatabase own = database.own().orElse(null);
    if (own != null) {
      Path listens = new DatabaseUrl(own.url().reveal()).socketFolder().orElseThrow();
      Path folder = links.toDatabase(origin, listens);
      for (String name : List.of("DATABASE_URL", "MIGRATION_DATABASE_URL")) {
        reached.computeIfPresent(name, (_, url) -> new DatabaseUrl(url).withSocket(folder).full());
      }
    }
    return reached;
  }

  JvmProgram program(OriginRelease release) {
    Map<String, String> environment = new HashMap<>(inherited);
    environment.putAll(release.env());
    environment.putAll(hosted);
    environment.putAll(release.secrets());
    return new JvmProgram(
        name,
        Orphans.mark(name, release.id()),
        release.stored().folder(),
        "com.mcpist.origin.Main",
        ClassArchive.of(cache, release.digest()),
        environment,
        socket,
        healthPath,
        stopLimit);
  }

  /** Never the variables: some are secrets. */
  @Override
  public String toString() {
    return "OriginBlueprint[" + name + " at " + socket + "]";
  }
}
