package com.mcpist.cli;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.control.Answer;
import com.mcpist.pair.control.PairStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
      return show(where.pair().change("drain", origin), options.json());
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
    Answer<PairStatus> answer = where.pair().change("undrain", origin);
    if (answer instanceof Answer.Done<PairStatus>) {
      progress.step("Waiting until the edge finds " + origin + " healthy");
      while (answer instanceof Answer.Done<PairStatus>(PairStatus status)
          && !isHealthy(status, origin)) {
        awaitNext(origin, deadline);
        answer =
            new Answer.Done<>(
                where.pair().status().orElseThrow(() -> DataOption.nothingRuns(where.pair())));
      }
      progress.done();
    }
    return show(answer, options.json());
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

  /**
   * Shows what a change of the pair on this machine has come to.
   *
   * @return the exit code
   */
  static int show(Answer<PairStatus> answer, boolean json) throws Failure {
    switch (answer) {
      case Answer.Done<PairStatus>(PairStatus status) ->
          System.out.print(
              json
                  ? JsonMapper.shared().writeValueAsString(status) + "\n"
                  : StatusTable.render(status, Instant.now(), Terminal.detect()));
      case Answer.Refused<PairStatus> refused ->
          throw refused.kind() == Kind.NOT_FOUND
              ? Failure.usage(refused.told())
              : Failure.failed(refused.told());
      case Answer.Unknown<PairStatus>(String why) -> throw Failure.failed(why);
    }
    System.out.flush();
    return ExitCode.OK;
  }

  private static Deadline limit() {
    return Deadline.in(LIMIT, Time.system());
  }
}
