package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which edge tells origins of the calls of edges that were killed. */
class AdoptedJournalsTest {
  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  /** Makes a journal without a lock, as a killed process leaves it. */
  private void killed(String callId) throws IOException {
    Journal journal = Journal.create(folder);
    Buffer body = Buffer.buffer("{}");
    List<String> headers = List.of("2026-07-28", "", "", "");
    assertThat(journal.add(new Journal.Line("user", callId, headers, body))).isNotNull();
    journal.release();
  }

  @Test
  void anEdgeThatDrainsLeavesThemToTheOneThatAccepts() throws IOException {
    killed("1");
    Undelivered drains = Undelivered.start(vertx, folder);
    assertThat(drains.count()).isEqualTo(1);
    Undelivered accepts = Undelivered.start(vertx, folder);
    assertThat(accepts.count()).as("the first edge holds the journal").isZero();

    drains.retire();
    Conditions.await("the journal is adopted", () -> accepts.count() == 1);
    killed("2");
    Conditions.await("a later one is, too", () -> accepts.count() == 2);
    assertThat(drains.count()).isEqualTo(1);

    accepts.retire();
    Undelivered next = Undelivered.start(vertx, folder);
    Conditions.await("both are adopted, with what is untold", () -> next.count() == 2);
  }

  /** An edge that has retired does not take the journal, whichever edge looks first. */
  @Test
  void anEdgeThatHasRetiredAdoptsNone() throws IOException {
    Undelivered drains = Undelivered.start(vertx, folder);
    drains.retire();
    for (int i = 1; i <= 3; i++) {
      killed(String.valueOf(i));
    }
    drains.retire();
    Undelivered accepts = Undelivered.start(vertx, folder);
    Conditions.await("all are adopted", () -> accepts.count() == 3);
    assertThat(drains.count()).isZero();
  }
}
