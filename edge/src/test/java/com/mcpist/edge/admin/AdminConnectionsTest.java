package com.mcpist.edge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminConnectionsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private int port(int most, Duration request) throws Exception {
    AdminServer.Connections connections =
        new AdminServer.Connections(vertx, new AdminServer.Connections.Limits(most, request));
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
            .connectionHandler(connections::opened)
            .requestHandler(
                asked -> {
                  connections.begun(asked);
                  var _ = asked.response().end("ok");
                });
    return server.listen(0, "127.0.0.1").await(30, TimeUnit.SECONDS).actualPort();
  }

  @Test
  void moreThanTheLimitAreClosedAndThereIsRoomAgain() throws Exception {
    int port = port(2, LONG);
    RawHttp first = RawHttp.connect(port);
    try (RawHttp second = RawHttp.connect(port)) {
      assertThat(first.send(REQUEST).read().text()).isEqualTo("ok");
      assertThat(second.send(REQUEST).read().text()).isEqualTo("ok");
      try (RawHttp third = RawHttp.connect(port)) {
        assertThat(third.closesWithin(LONG)).isTrue();
      }
      first.close();
      Conditions.await("there is room again", () -> answers(port));
      assertThat(second.send(REQUEST).read().text()).isEqualTo("ok");
    }
  }

  private static boolean answers(int port) {
    try (RawHttp client = RawHttp.connect(port)) {
      return client.send(REQUEST).readIfAny().isPresent();
    } catch (IOException closed) {
      return false;
    }
  }

  @Test
  void aRequestThatComesByteByByteIsCutOff() throws Exception {
    int port = port(2, Duration.ofMillis(300));
    try (RawHttp slow = RawHttp.connect(port);
        RawHttp body = RawHttp.connect(port)) {
      slow.send("GET / HTTP/1.1\r\nX-Slow: ");
      // A slow machine may cut the connection off before its answer.
      var _ = body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n").readIfAny();
      for (RawHttp client : new RawHttp[] {slow, body}) {
        Conditions.await("it is cut off", () -> cutOff(client));
      }
    }
  }

  private static boolean cutOff(RawHttp client) {
    // A client cannot write on once the other side has closed.
    try {
      client.send("x");
      return client.closesWithin(Duration.ofMillis(50));
    } catch (IOException e) {
      return true;
    }
  }
}
