package com.mcpist.pair.supervisor;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.control.HostedRelease;
import com.mcpist.pair.control.RefusedException;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Start;
import com.mcpist.pair.supervisor.ReleaseHistory.Entry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** One origin of the pair, and what can be asked of whoever runs it. */
final class HostedOrigin {
  /** What no release and no secret can set. */
  static final Set<String> RESERVED = Set.of("HOST", "PORT", "INSTANCE", "MCPIST_SUPERVISED");

  private final OriginBlueprint blueprint;
  private final Releases releases;
  private final StoredSecrets secrets;
  private final Keeper keeper;
  private final Rollouts rollouts;

  /**
   * An origin that does not run yet; its keeper starts it.
   *
   * @param first what it runs to begin with
   * @param logs the folder of its log file
   * @param notices told, in a plain line each, what becomes of its processes and releases
   */
  HostedOrigin(
      OriginBlueprint blueprint,
      OriginRelease first,
      Releases releases,
      Traffic traffic,
      Turn turn,
      Path logs,
      Consumer<String> notices) {
    this.blueprint = blueprint;
    this.releases = releases;
    this.secrets = new StoredSecrets(blueprint.secrets());
    this.keeper = new Keeper(blueprint.program(first), logs, notices);
    this.rollouts = new Rollouts(blueprint, keeper, first, traffic, turn, notices);
  }

  String name() {
    return blueprint.name();
  }

  OriginBlueprint blueprint() {
    return blueprint;
  }

  /** What keeps it running. */
  Keeper keeper() {
    return keeper;
  }

  /** What it runs and has run. */
  Rollouts rollouts() {
    return rollouts;
  }

  /** A process has them from the next release or restart on. */
  StoredSecrets secrets() {
    return secrets;
  }

  /** Begins to roll out a release, with these variables besides those that it has. */
  HostedRelease.Rollout deploy(Request request) throws RefusedException, InterruptedException {
    for (String name : request.env().keySet()) {
      if (RESERVED.contains(name)) {
        throw new RefusedException(
            Kind.REJECTED, name + " is set by whoever runs the origin", "Leave it out");
      }
    }
    Stored stored = stored(request.digest());
    return rollouts
        .begin(
            running -> {
              Map<String, String> env = new TreeMap<>(running.env());
              env.putAll(request.env());
              return OriginRelease.of(stored, env, secrets.stored());
            },
            false,
            _ -> {})
        .told();
  }

  /** Begins to go back to a release with the variables that it had. */
  HostedRelease.Rollout restore(String id) throws RefusedException, InterruptedException {
    OriginRelease earlier =
        rollouts
            .history()
            .find(id)
            .map(Entry::release)
            .orElseThrow(
                () ->
                    new RefusedException(
                        Kind.NOT_FOUND,
                        "there was no release " + id + " since this pair was started",
                        "Deploy it by its digest"));
    Stored stored = stored(earlier.digest());
    return rollouts
        .begin(_ -> OriginRelease.of(stored, earlier.env(), secrets.stored()), false, _ -> {})
        .told();
  }

  /** Begins to start the release that runs once more, with the secrets as they are now. */
  HostedRelease.Rollout redeploy() throws InterruptedException {
    return rollouts.begin(this::renewed, true, _ -> {}).told();
  }

  /**
   * The same, and returns when it is done.
   *
   * @param step told, in a plain line each, what is being done
   * @throws PairException where it does not get healthy again
   */
  void restart(Consumer<String> step) throws PairException, InterruptedException {
    try {
      switch (rollouts.begin(this::renewed, true, step).end().get()) {
        case Start.Ready() -> {}
        case Start.Failed(String why) -> throw new PairException(why);
        case Start.CalledOff() ->
            throw new PairException("another release of " + name() + " has come in between");
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private OriginRelease renewed(OriginRelease release) {
    return OriginRelease.of(release.stored(), release.env(), secrets.stored());
  }

  private Stored stored(String digest) throws RefusedException {
    try {
      return new Stored(digest, releases.folder(digest));
    } catch (PairException e) {
      throw new RefusedException(
          Kind.REJECTED,
          String.valueOf(e.getMessage()),
          "Deploy that build again: mcpist deploy --image FOLDER");
    }
  }
}
