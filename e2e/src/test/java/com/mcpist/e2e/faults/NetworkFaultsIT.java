package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.link.FaultProxy;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that save while the links break between the edge, the origins and their database. */
class NetworkFaultsIT {

  private static final int CLIENTS = 16;
  private static final int SOME = 100;

  private static TestDatabase database;
  private static RigPlan plan;
  private static FaultProxy toPrimary;
  private static FaultProxy toStandby;
  private static FaultProxy toDatabase;
  private static Rig rig;

  private Savers savers;

  @BeforeAll
  static void start() throws Exception {
    database = TestDatabase.create();
    plan = RigPlan.on(database.url());
    toPrimary = link(plan.port(PRIMARY));
    toStandby = link(plan.port(STANDBY));
    toDatabase = link(database.port());
    String linked = database.url().replace(":" + database.port(), ":" + toDatabase.port());
    rig =
        plan.reachedBy(PRIMARY, "http://127.0.0.1:" + toPrimary.port())
            .reachedBy(STANDBY, "http://127.0.0.1:" + toStandby.port())
            .database(PRIMARY, linked)
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (rig != null) {
      rig.close();
      toDatabase.close();
      toStandby.close();
      toPrimary.close();
    }
    database.close();
  }

  @BeforeEach
  void settle() throws Exception {
    toPrimary.mend();
    toStandby.mend();
    toDatabase.mend();
    rig.settle();
    savers = Savers.start(rig.port(), CLIENTS);
    savers.awaitMore(SOME, PRIMARY);
  }

  @AfterEach
  void stopClients() throws Exception {
    if (savers != null) {
      savers.close();
    }
    assertThat(rig.edge().log())
        .as("what breaks elsewhere is no error of the edge")
        .doesNotContain(" ERROR ");
  }

  @Test
  void theEdgeIsCutOffFromThePrimary() throws Exception {
    toPrimary.cut();
    savers.awaitMore(SOME, STANDBY);
    toPrimary.mend();

    assertAllSavedOnce();
  }

  @Test
  void thePrimaryIsCutOffFromTheDatabaseOnly() throws Exception {
    toDatabase.cut();
    savers.awaitMore(SOME, STANDBY);
    toDatabase.mend();

    assertAllSavedOnce();
  }

  @Test
  void theEdgeIsCutOffFromBothForAWhile() throws Exception {
    toStandby.cut();
    toPrimary.cut();
    rig.awaitDown(PRIMARY);
    toStandby.mend();
    toPrimary.mend();

    assertAllSavedOnce();
  }

  @Test
  void theConnectionsBreakInTheMiddleOfAnAnswer() throws Exception {
    long middle = middleOfAnAnswer();
    toPrimary.resetResponsesAfter(middle);
    savers.awaitMore(SOME, STANDBY);
    toPrimary.mend();

    assertAllSavedOnce();
  }

  @Test
  void thePrimaryHangsAndTheConnectionsToTheStandbyBreak() throws Exception {
    rig.hang(PRIMARY);
    savers.awaitMore(SOME, STANDBY);
    toStandby.reset();
    savers.awaitMore(SOME, STANDBY);
    rig.wake(PRIMARY);

    assertAllSavedOnce();
  }

  @Test
  void thePrimaryHasNoDatabaseAndTheStandbyIsKilled() throws Exception {
    toDatabase.cut();
    savers.awaitMore(SOME, STANDBY);
    rig.kill(STANDBY);
    toDatabase.mend();
    savers.awaitMore(SOME, PRIMARY);
    rig.start(STANDBY);

    assertAllSavedOnce();
  }

  private static FaultProxy link(int port) throws IOException {
    return FaultProxy.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** In bytes from the begin of an answer to memory_save, as the primary gives it to an edge. */
  private static long middleOfAnAnswer() throws IOException {
    try (McpConnection client = McpConnection.open(plan.port(PRIMARY))) {
      HttpMessage answer =
          client
              .call(
                  "memory_save",
                  Savers.arguments("Measured"),
                  "X-User-Id: local\nX-Gateway-Secret: " + EdgeConfig.SECRET)
              .http();
      assertThat(answer.header("Content-Type")).hasValue("application/json");
      int separators = ": \r\n".length();
      long head =
          answer.startLine().length()
              + answer.headers().stream()
                  .mapToLong(h -> h.getKey().length() + h.getValue().length() + separators)
                  .sum();
      return head + answer.text().getBytes(StandardCharsets.UTF_8).length / 2;
    }
  }

  /** The fault is over: the primary must get its calls back. */
  private void assertAllSavedOnce() throws Exception {
    rig.awaitSettled();
    savers.awaitMore(SOME, PRIMARY);
    savers.stop(database.dataSource()).assertAllSavedOnce();
  }
}
