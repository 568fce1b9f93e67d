package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Releases that are bad end with the old one on both origins, and somebody who knows. */
class BadReleaseIT {
  /** Few: what is measured is not speed, and the machine has releases to start. */
  private static final int CLIENTS = 3;

  /** From the edge's count to the end of the command. */
  private static final Duration LATE = Duration.ofSeconds(2);

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static LocalDeployment deployment;

  @BeforeAll
  static void up() throws Exception {
    deployment = LocalDeployment.up();
  }

  @AfterAll
  static void down() throws Exception {
    deployment.close();
  }

  @ParameterizedTest
  @CsvSource("errors, simultaneous")
  void itIsTakenBack(String fault, String strategy) throws Exception {
    deployedAndTakenBack(fault, strategy);
  }

  @ParameterizedTest
  @Tag("long")
  @CsvSource({"unhealthy, standby-first", "errors, standby-first", "open, simultaneous"})
  void soAreTheOthers(String fault, String strategy) throws Exception {
    deployedAndTakenBack(fault, strategy);
  }

  private static void deployedAndTakenBack(String fault, String strategy) throws Exception {
    // Not until the primary serves again: its hold-down grows with each release that is bad.
    deployment.pair.awaitStatus(
        "both origins are healthy",
        LIMIT,
        status -> status.origins().stream().allMatch(o -> o.state().equals("healthy")));
    List<String> before = deployment.releases();
    int told = deployment.notices().size();
    Path bad = Builds.bad(deployment.build(fault + "-" + strategy), fault);
    Savers savers = Savers.start(deployment.pair.port(), CLIENTS);
    savers.awaitMore(CLIENTS);

    JsonNode outcome = deploy(bad, fault, strategy);
    Duration deployed = savers.elapsed();

    assertThat(outcome.path("state").asString()).as(outcome.toString()).isEqualTo("returned");
    assertThat(StreamSupport.stream(outcome.path("origins").spliterator(), false))
        .allMatch(origin -> origin.path("result").asString().equals("returned"));
    if (strategy.equals("standby-first")) {
      assertThat(outcome.path("origins").size()).as("the primary is left alone").isEqualTo(1);
    }
    Conditions.await("both run the old release", LIMIT, () -> deployment.releases().equals(before));
    savers.awaitMore(CLIENTS);
    // Where every origin had it and called itself healthy, calls can have failed.
    boolean mayFail = strategy.equals("simultaneous") && !fault.equals("unhealthy");
    assertCounted(savers.stop(deployment.pair.database()), deployed, outcome, mayFail);
    assertThat(deployment.notices()).hasSize(told + 1);
    assertThat(deployment.notices().getLast())
        .contains("deploy of " + fault)
        .contains("What to do:");
  }

  private static JsonNode deploy(Path bad, String fault, String strategy) throws Exception {
    return deployment.json(
        1,
        "deploy",
        "--image",
        bad.toString(),
        "--release",
        fault,
        "--strategy",
        strategy,
        "--timeout",
        fault.equals("unhealthy") ? "8s" : "5m",
        "--patience",
        "3s");
  }

  /** Nothing is lost or done twice, and what failed is told, not hidden. */
  private static void assertCounted(
      Savers.Tally tally, Duration deployed, JsonNode outcome, boolean mayFail) {
    long failed = outcome.path("calls").path("failed").asLong(-1);
    System.out.printf(
        "%s: %d calls, %d failed for clients, %d by the edge's count%n",
        outcome.path("release").asString(), tally.report().calls(), tally.failed().size(), failed);
    assertThat(tally.lost()).isEmpty();
    assertThat(tally.twice()).isEmpty();
    if (!mayFail) {
      assertThat(tally.failed()).isEmpty();
    }
    // What was counted by then: a call can fail later that had begun before.
    assertThat(failed).isGreaterThanOrEqualTo(failedBefore(tally.report(), deployed.minus(LATE)));
  }

  private static long failedBefore(Load.Report report, Duration moment) {
    return report.outcomes().stream()
        .filter(call -> call.failure() != null && call.endNanos() < moment.toNanos())
        .count();
  }
}
