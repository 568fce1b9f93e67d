package com.mcpist.pair;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Keeper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
    EdgeAdmin admin) {

  /** Answers status, drain, undrain and database. */
  Reply answer(Request request) {
    try {
      return switch (request.command()) {
        case "status" -> Reply.of(status());
        case "drain", "undrain" -> change(request);
        case "database" -> ownDatabase();
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
      return Reply.wrongUsage(
          "there is no origin \""
              + name
              + "\"; there are "
              + String.join(", ", names)
              + "."
              + Spelling.hint(name, names));
    }
    try {
      return Reply.of(merged(admin.change(name, request.command())));
    } catch (EdgeAdmin.Refused e) {
      return Reply.failed(
          e.code() == 409
              ? name + " stays: without it no healthy origin would be left"
              : String.valueOf(e.getMessage()));
    } catch (IOException _) {
      return Reply.failed("the edge does not answer; `mcpist status` tells how it is");
    }
  }

  /** How everything is; while the edge is down its origins count as unhealthy. */
  PairStatus status() throws InterruptedException {
    try {
      return merged(admin.status());
    } catch (IOException _) {
      return merged(new EdgeAdmin.View(List.of()));
    }
  }

  /** What the edge sees, or empty while it does not answer. */
  Optional<EdgeAdmin.View> seen() throws InterruptedException {
    try {
      return Optional.of(admin.status());
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
