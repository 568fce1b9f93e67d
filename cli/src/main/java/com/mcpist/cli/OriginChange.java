package com.mcpist.cli;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.edge.EdgeControl;
import com.mcpist.deploy.edge.EdgeException;
import com.mcpist.deploy.edge.EdgeStatus;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Reply;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.json.JsonMapper;

/** Takes an origin out, or in again, here or in production, and shows how it is then. */
record OriginChange(SiteOptions where, ChangeOptions options) {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(250);

  /** Sends an origin no new calls. */
  int drain(String origin) throws Exception {
    if (options.preview()) {
      return preview(origin, "drain");
    }
    if (where.isLocal()) {
      return shown(where.pair().change("drain", origin));
    }
    Place place = production(origin);
    try {
      edge(place).drain(origin, limit());
    } catch (EdgeException e) {
      throw Failure.failed(e.getMessage() + ".");
    }
    return show(place);
  }

  /**
   * Sends it calls again, and waits until it is healthy.
   *
   * @param patience how long that may take
   */
  int undrain(String origin, Duration patience) throws Exception {
    if (options.preview()) {
      return preview(origin, "undrain");
    }
    Deadline deadline = Deadline.in(patience, Time.system());
    PrintStream out = options.json() ? System.err : System.out;
    try (Progress progress = new Progress(Terminal.detect(), out)) {
      if (where.isLocal()) {
        return undrainLocal(origin, deadline, progress);
      }
      Place place = production(origin);
      EdgeControl edge = edge(place);
      progress.step("Waiting until the edge finds " + origin + " healthy");
      edge.undrain(origin, deadline);
      while (!isHealthy(edge.status(limit()), origin)) {
        awaitNext(origin, deadline);
      }
      progress.done();
      return show(place);
    } catch (EdgeException e) {
      throw Failure.failed(e.getMessage() + ".");
    }
  }

  private int undrainLocal(String origin, Deadline deadline, Progress progress) throws Exception {
    Reply reply = where.pair().change("undrain", origin);
    if (reply == null || reply.error() != null) {
      return shown(reply);
    }
    progress.step("Waiting until the edge finds " + origin + " healthy");
    Optional<PairStatus> status = where.pair().status();
    while (status.isPresent() && !isHealthy(status.get(), origin)) {
      awaitNext(origin, deadline);
      status = where.pair().status();
    }
    progress.done();
    return shown(status.map(Reply::of).orElse(null));
  }

  private static void awaitNext(String origin, Deadline deadline)
      throws Failure, InterruptedException {
    if (deadline.passed()) {
      throw Failure.failed(
          origin + " is taken in again, and is not healthy yet; `mcpist status` tells how it is.");
    }
    deadline.sleep(LOOK);
  }

  private static boolean isHealthy(PairStatus status, String origin) {
    return status.origins().stream()
        .anyMatch(one -> one.name().equals(origin) && one.state().equals("healthy"));
  }

  private static boolean isHealthy(EdgeStatus status, String origin) {
    return status.origin(origin).filter(one -> one.state().equals("healthy")).isPresent();
  }

  /** Opened before anything is changed: what it lacks to show how all is then is told first. */
  private Place production(String origin) throws Exception {
    List<String> known = where.deployment().originNames();
    if (!known.contains(origin)) {
      throw unknown(origin, known);
    }
    return Place.open(where, Place.NOBODY).place();
  }

  private static EdgeControl edge(Place place) throws Failure {
    return place
        .edge()
        .orElseThrow(
            () ->
                Failure.usage(
                    "the edge takes origins out and in, and must be asked: set EDGE_ADMIN_URL and"
                        + " EDGE_ADMIN_TOKEN, or, where it is on Cloudflare (cloudflare in"
                        + " mcpist.yml), ADMIN_TOKEN, and for a load balancer"
                        + " CLOUDFLARE_API_TOKEN and CLOUDFLARE_ZONE_ID."));
  }

  private int show(Place place) throws Exception {
    ProductionStatus status = ProductionStatus.of(place, where.production().cloudflare());
    System.out.print(options.json() ? status.json() + "\n" : status.text(Terminal.detect()));
    System.out.flush();
    return ExitCode.OK;
  }

  private int preview(String origin, String verb) throws Exception {
    List<String> known = where.deployment().originNames();
    if (where.isLocal()) {
      PairStatus status =
          where.pair().status().orElseThrow(() -> DataOption.nothingRuns(where.pair()));
      known = status.origins().stream().map(PairStatus.Origin::name).toList();
    }
    if (!known.contains(origin)) {
      throw unknown(origin, known);
    }
    String call = "POST /origins/" + origin + "/" + verb;
    System.out.println(
        options.json()
            ? JsonMapper.shared().createObjectNode().put("call", call).toString()
            : "The edge would be asked: " + call + ". Nothing is changed.");
    return ExitCode.OK;
  }

  private static Failure unknown(String origin, List<String> known) {
    return Failure.usage(
        "there is no origin \""
            + origin
            + "\"; there are "
            + String.join(", ", known)
            + "."
            + Spelling.hint(origin, known));
  }

  private int shown(@Nullable Reply reply) throws Failure {
    if (options.json() && reply != null && reply.error() == null && reply.status() != null) {
      System.out.println(JsonMapper.shared().writeValueAsString(reply.status()));
      return ExitCode.OK;
    }
    return show(where.pair(), reply);
  }

  /**
   * Shows what a change of the pair on this machine has come to.
   *
   * @param reply null where no pair runs
   * @return the exit code
   */
  static int show(LocalPair pair, @Nullable Reply reply) throws Failure {
    if (reply == null) {
      throw DataOption.nothingRuns(pair);
    }
    String error = reply.error();
    if (error != null) {
      throw reply.usage() ? Failure.usage(error) : Failure.failed(error);
    }
    PairStatus status = reply.status();
    if (status != null) {
      System.out.print(StatusTable.render(status, Instant.now(), Terminal.detect()));
      System.out.flush();
    }
    return ExitCode.OK;
  }

  private static Deadline limit() {
    return Deadline.in(LIMIT, Time.system());
  }
}
