package com.mcpist.pair.supervisor;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretNames;
import com.mcpist.pair.control.PairAccess;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.RefusedException;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.database.PairDatabase;
import com.mcpist.pair.process.Keeper;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pair that runs, as the command line asks about it.
 *
 * @param origins in the order in which the edge prefers them
 * @param edgeAdminToken for the edge's admin listener
 * @param known what the programs know each other by now
 */
record Pair(
    String edgeUrl,
    Keeper edge,
    List<HostedOrigin> origins,
    Programs programs,
    String edgeAdminToken,
    KnownSecrets known,
    PairDatabase database,
    Releases releases,
    Traffic traffic,
    Turn turn) {
  private static final Logger LOG = LoggerFactory.getLogger(Pair.class);

  /** What the edge is called where an origin's name could stand. */
  private static final String EDGE = "edge";

  private static final Duration EDGE_READY = Duration.ofSeconds(60);

  /**
   * Answers what docs/design/processes.md says.
   *
   * @param step told what is being done where that takes a while
   * @return what was asked for; true where that is nothing
   * @throws PairException where it cannot be done
   */
  Object answer(Request request, Consumer<String> step)
      throws RefusedException, PairException, InterruptedException {
    return switch (request.command()) {
      case "status" -> status();
      case "access" -> access();
      case "database" -> database.own().orElseThrow(Pair::notOwn);
      case "drain", "undrain" -> {
        HostedOrigin origin = origin(request.origin());
        String what = origin.name() + " is being " + request.command() + "ed";
        yield turn.now(what, () -> merged(traffic.change(origin.name(), request.command())));
      }
      case "restart" -> restart(request.origin(), step);
      case "keep-secrets" -> {
        known.keep(request.secrets());
        yield true;
      }
      case "edge-secret" -> replaceEdgeSecret(request);
      case "releases" -> origin(request.origin()).rollouts().releases();
      case "deploy" -> {
        Object begun = origin(request.origin()).deploy(request);
        prune();
        yield begun;
      }
      case "restore" -> origin(request.origin()).restore(request.release());
      case "redeploy" -> origin(request.origin()).redeploy();
      case "secrets" -> origin(request.origin()).secrets().names();
      case "put-secrets" ->
          origin(request.origin()).secrets().put(request.secrets(), HostedOrigin.RESERVED);
      default ->
          throw new RefusedException(
              Kind.REJECTED,
              "unknown command " + request.command(),
              "The pair may be of another build: start it anew");
    };
  }

  private static RefusedException notOwn() {
    return new RefusedException(
        Kind.NOT_FOUND, "the pair works on the database of DATABASE_URL, not its own", "");
  }

  private HostedOrigin origin(String name) throws RefusedException {
    return origins.stream()
        .filter(origin -> origin.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown("origin", name, names()));
  }

  private List<String> names() {
    return origins.stream().map(HostedOrigin::name).toList();
  }

  private static RefusedException unknown(String kind, String name, List<String> names) {
    return new RefusedException(
        Kind.NOT_FOUND,
        "there is no %s \"%s\"; there are %s.%s"
            .formatted(kind, name, String.join(", ", names), Spelling.hint(name, names)),
        "");
  }

  private PairAccess access() {
    return new PairAccess(
        URI.create(edgeUrl),
        known.current(SecretNames.GATEWAY_SECRET),
        known.current(SecretNames.ADMIN_TOKEN),
        known.next(SecretNames.GATEWAY_SECRET),
        known.next(SecretNames.ADMIN_TOKEN),
        traffic.admin().url(),
        Secret.of(edgeAdminToken),
        programs.edge().admission());
  }

  private Object replaceEdgeSecret(Request request) throws PairException, InterruptedException {
    try {
      programs.edge().replaceSecret(request.secrets().getOrDefault(SecretNames.GATEWAY_SECRET, ""));
      return true;
    } catch (IOException e) {
      throw new PairException("the edge does not answer; `mcpist status` tells how it is", e);
    }
  }

  private PairStatus restart(String name, Consumer<String> step)
      throws RefusedException, PairException, InterruptedException {
    if (name.equals(EDGE)) {
      turn.now(
          "the edge is being restarted",
          () -> {
            step.accept("Starting a new edge");
            edge.succeed(EDGE_READY);
            return true;
          });
      return status();
    }
    List<String> programs = new ArrayList<>(List.of(EDGE));
    programs.addAll(names());
    if (!programs.contains(name)) {
      throw unknown("program", name, programs);
    }
    turn.check();
    origin(name).restart(step);
    return status();
  }

  /** Deletes releases that neither run nor have run here, but for the newest. */
  void prune() {
    Set<String> needed = new HashSet<>(Set.of(programs.edgeDigest()));
    origins.forEach(origin -> needed.addAll(origin.rollouts().history().digests()));
    try {
      releases.prune(needed);
    } catch (IOException e) {
      LOG.warn("Old releases stay: {}", e.toString());
    }
  }

  /** How everything is; while the edge is down its origins count as unhealthy. */
  PairStatus status() throws InterruptedException {
    return merged(traffic.seen().orElse(new EdgeAdmin.View(List.of())));
  }

  private PairStatus merged(EdgeAdmin.View view) {
    List<PairStatus.Origin> merged = new ArrayList<>();
    for (HostedOrigin origin : origins) {
      EdgeAdmin.Seen seen = view.origin(origin.name());
      merged.add(
          new PairStatus.Origin(
              origin.name(),
              origin.blueprint().url().toString(),
              origin.keeper().pid(),
              seen == null ? "unhealthy" : seen.state(),
              seen != null && seen.active(),
              seen == null ? null : seen.release(),
              seen == null ? null : seen.lastFailure()));
    }
    return new PairStatus(
        new PairStatus.Edge(edgeUrl, edge.pid()),
        merged,
        new PairStatus.Database(database.shown()));
  }
}
