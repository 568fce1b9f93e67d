package com.mcpist.pair;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.secrets.SecretNames;
import com.mcpist.pair.control.AccessReply;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.rollout.HostedOrigin;
import com.mcpist.pair.rollout.HostedOrigins;
import com.mcpist.pair.rollout.OriginBlueprint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pair that runs, as the command line asks about it.
 *
 * @param origins in the order of programs.origins()
 * @param secrets what the programs knew each other by to begin with
 * @param known what they know each other by now
 */
record Pair(
    String edgeUrl,
    Keeper edge,
    HostedOrigins origins,
    Programs programs,
    Secrets secrets,
    KnownSecrets known,
    PairDatabase database,
    Changes changes) {

  /** What the edge is called where an origin's name could stand. */
  static final String EDGE = "edge";

  /**
   * Answers status, drain, undrain, restart, database, access, keep-secrets, edge-secret, and what
   * is asked of a platform.
   *
   * @param step told what is being done where that takes a while
   */
  Reply answer(Request request, Consumer<String> step) {
    try {
      return switch (request.command()) {
        case "status" -> Reply.of(status());
        case "drain", "undrain" -> change(request);
        case "database" -> ownDatabase();
        case "access" -> Reply.of(access());
        case "restart" -> restart(request, step);
        case "keep-secrets", "edge-secret" -> secrets(request);
        default ->
            HostedOrigins.answers(request.command())
                ? origins.answer(request)
                : Reply.wrongUsage("unknown command " + request.command());
      };
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Reply.failed("interrupted");
    }
  }

  private AccessReply access() {
    return new AccessReply(
        edgeUrl,
        known.current(SecretNames.GATEWAY_SECRET),
        known.current(SecretNames.ADMIN_TOKEN),
        known.next(SecretNames.GATEWAY_SECRET),
        known.next(SecretNames.ADMIN_TOKEN),
        changes.admin().url().toString(),
        secrets.edgeAdmin(),
        origins.all().stream().filter(HostedOrigin::overlaps).map(HostedOrigin::name).toList(),
        programs.edge().admission());
  }

  private Reply secrets(Request request) throws InterruptedException {
    Map<String, String> given = Optional.ofNullable(request.secrets()).orElse(Map.of());
    try {
      if (request.command().equals("keep-secrets")) {
        known.keep(given);
      } else {
        changes.replaceEdgeSecret(given.getOrDefault(SecretNames.GATEWAY_SECRET, ""));
      }
      return Reply.done();
    } catch (PairException e) {
      return Reply.failed(String.valueOf(e.getMessage()));
    }
  }

  private Reply ownDatabase() {
    return database
        .own()
        .map(Reply::of)
        .orElseGet(
            () -> Reply.wrongUsage("the pair works on the database of DATABASE_URL, not its own"));
  }

  private Reply change(Request request) throws InterruptedException {
    String name = Optional.ofNullable(request.origin()).orElse("");
    List<String> names = names();
    if (!names.contains(name)) {
      return unknown("origin", name, names);
    }
    try {
      return Reply.of(merged(changes.change(name, request.command())));
    } catch (PairException e) {
      return Reply.failed(String.valueOf(e.getMessage()));
    }
  }

  private Reply restart(Request request, Consumer<String> step) throws InterruptedException {
    String name = Optional.ofNullable(request.origin()).orElse("");
    Optional<HostedOrigin> origin =
        origins.all().stream().filter(o -> o.name().equals(name)).findFirst();
    try {
      if (origin.isPresent()) {
        changes.restartOrigin(origin.get().keeper(), step);
      } else if (name.equals(EDGE)) {
        changes.restartEdge(edge, step);
      } else {
        List<String> names = Stream.concat(Stream.of(EDGE), names().stream()).toList();
        return unknown("program", name, names);
      }
      return Reply.of(status());
    } catch (PairException e) {
      return Reply.failed(String.valueOf(e.getMessage()));
    }
  }

  private List<String> names() {
    return origins.all().stream().map(HostedOrigin::name).toList();
  }

  private static Reply unknown(String kind, String name, List<String> names) {
    return Reply.wrongUsage(
        "there is no %s \"%s\"; there are %s.%s"
            .formatted(kind, name, String.join(", ", names), Spelling.hint(name, names)));
  }

  /** How everything is; while the edge is down its origins count as unhealthy. */
  PairStatus status() throws InterruptedException {
    try {
      return merged(changes.admin().status());
    } catch (IOException _) {
      return merged(new EdgeAdmin.View(List.of()));
    }
  }

  /** What the edge sees, or empty while it does not answer. */
  Optional<EdgeAdmin.View> seen() throws InterruptedException {
    try {
      return Optional.of(changes.admin().status());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private PairStatus merged(EdgeAdmin.View view) {
    List<PairStatus.Origin> merged = new ArrayList<>();
    for (int i = 0; i < programs.origins().size(); i++) {
      OriginBlueprint origin = programs.origins().get(i).blueprint();
      Long pid = pid(origins.all().get(i).keeper());
      EdgeAdmin.Seen seen = view.origin(origin.name());
      merged.add(seen == null ? unseen(origin, pid) : origin(origin, pid, seen));
    }
    return new PairStatus(
        new PairStatus.Edge(edgeUrl, pid(edge)), merged, new PairStatus.Database(database.shown()));
  }

  private static PairStatus.Origin origin(
      OriginBlueprint origin, @Nullable Long pid, EdgeAdmin.Seen seen) {
    return new PairStatus.Origin(
        origin.name(),
        origin.url().toString(),
        pid,
        seen.state(),
        seen.active(),
        seen.release(),
        seen.lastFailure());
  }

  private static PairStatus.Origin unseen(OriginBlueprint origin, @Nullable Long pid) {
    return new PairStatus.Origin(
        origin.name(), origin.url().toString(), pid, "unhealthy", false, null, null);
  }

  static @Nullable Long pid(Keeper keeper) {
    OptionalLong pid = keeper.pid();
    return pid.isPresent() ? pid.getAsLong() : null;
  }
}
