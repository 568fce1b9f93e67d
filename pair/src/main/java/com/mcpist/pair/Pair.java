package com.mcpist.pair;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Keeper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pair that runs, as the command line asks about it.
 *
 * @param origins in the order of programs.origins()
 * @param databaseUrl without the password
 */
record Pair(
    String edgeUrl,
    Keeper edge,
    List<Keeper> origins,
    Programs programs,
    PairDatabase database,
    String databaseUrl,
    Changes changes) {

  /** What the edge is called where an origin's name could stand. */
  static final String EDGE = "edge";

  /**
   * Answers status, drain, undrain, restart and database.
   *
   * @param step told what is being done where that takes a while
   */
  Reply answer(Request request, Consumer<String> step) {
    try {
      return switch (request.command()) {
        case "status" -> Reply.of(status());
        case "drain", "undrain" -> change(request);
        case "database" -> ownDatabase();
        case "restart" -> restart(request, step);
        default -> Reply.wrongUsage("unknown command " + request.command());
      };
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Reply.failed("interrupted");
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
    List<String> names = origins.stream().map(Keeper::name).toList();
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
    Optional<Keeper> origin = origins.stream().filter(o -> o.name().equals(name)).findFirst();
    try {
      if (origin.isPresent()) {
        changes.restartOrigin(origin.get(), step);
      } else if (name.equals(EDGE)) {
        changes.restartEdge(edge, step);
      } else {
        List<String> names =
            Stream.concat(Stream.of(EDGE), origins.stream().map(Keeper::name)).toList();
        return unknown("program", name, names);
      }
      return Reply.of(status());
    } catch (PairException e) {
      return Reply.failed(String.valueOf(e.getMessage()));
    }
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
    for (int i = 0; i < origins.size(); i++) {
      JvmProgram program = programs.origins().get(i);
      Long pid = pid(origins.get(i));
      merged.add(
          view.origins().stream()
              .filter(seen -> seen.name().equals(program.name()))
              .findFirst()
              .map(seen -> origin(program, pid, seen))
              .orElseGet(() -> unseen(program, pid)));
    }
    return new PairStatus(
        new PairStatus.Edge(edgeUrl, pid(edge)), merged, new PairStatus.Database(databaseUrl));
  }

  private static PairStatus.Origin origin(
      JvmProgram program, @Nullable Long pid, EdgeAdmin.Seen seen) {
    return new PairStatus.Origin(
        program.name(),
        Programs.url(program),
        pid,
        seen.state(),
        seen.active(),
        seen.release(),
        seen.lastFailure());
  }

  private static PairStatus.Origin unseen(JvmProgram program, @Nullable Long pid) {
    return new PairStatus.Origin(
        program.name(), Programs.url(program), pid, "unhealthy", false, null, null);
  }

  static @Nullable Long pid(Keeper keeper) {
    OptionalLong pid = keeper.pid();
    return pid.isPresent() ? pid.getAsLong() : null;
  }
}
