package com.mcpist.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.http.SocketHttp.Request;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A pair on somebody else's database, which goes away and comes back. */
class DatabaseOutageIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @Test
  void thePairWaitsForItsDatabaseAndNeedsNoRestart() throws Exception {
    try (PostgresServer database = PostgresServer.start();
        Pair pair = Pair.up(Map.of("DATABASE_URL", database.url()))) {
      Status before = pair.awaitSettled();
      String id = save(pair, "Before the outage");

      database.stop();
      for (Status.Origin origin : before.origins()) {
        Conditions.await(
            origin.name() + " is unhealthy",
            LIMIT,
            () -> health(origin).equals("503 {\"status\":\"unhealthy\"}"));
      }
      try (McpConnection client = McpConnection.open(pair.port())) {
        McpConnection.Reply reply = client.patience(LIMIT).call("memory_get", Map.of("id", id));
        boolean toolError = reply.result().path("isError").asBoolean(false);
        assertThat(toolError || reply.errorCode() != 0 || reply.status() == 503)
            .as(reply.http().toString())
            .isTrue();
        assertThat(reply.http().text()).doesNotContain("Exception", "org.postgresql", "\tat ");
      }

      database.resume();
      for (Status.Origin origin : before.origins()) {
        Conditions.await(
            origin.name() + " is healthy",
            LIMIT,
            () -> health(origin).equals("200 {\"status\":\"ok\"}"));
      }
      Conditions.await("a memory is saved", LIMIT, () -> !save(pair, "After the outage").isEmpty());
      try (McpConnection client = McpConnection.open(pair.port())) {
        assertThat(
                client.call("memory_get", Map.of("id", id)).structured().findPath("id").asString())
            .isEqualTo(id);
      }
      Status after = pair.awaitSettled();
      for (Status.Origin origin : before.origins()) {
        assertThat(after.origin(origin.name()).pid()).as("no restart").isEqualTo(origin.pid());
      }
    }
  }

  @Test
  void aPairWhoseDatabaseIsAwayIsNotHalfStarted() throws Exception {
    try (PostgresServer database = PostgresServer.start()) {
      database.stop();
      try (Pair pair = Pair.prepare(Map.of("DATABASE_URL", database.url()))) {
        Command.Result up = pair.run("up", "--port", Integer.toString(pair.port()));

        assertThat(up.code()).isEqualTo(1);
        assertThat(up.all().lines().filter(line -> line.startsWith("mcpist: ")))
            .singleElement()
            .asString()
            .contains("database");
        assertThat(refused(pair.port())).as("nothing listens").isTrue();
      }
    }
  }

  private static boolean refused(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  private static String save(Pair pair, String title) throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      return client
          .call("memory_save", Map.of("title", title, "text", "t"))
          .structured()
          .findPath("id")
          .asString();
    }
  }

  private static String health(Status.Origin origin) throws IOException, InterruptedException {
    var answer = origin.send(Request.of("GET", "/health"));
    return answer.status() + " " + answer.text();
  }
}
