package com.mcpist.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.edge.listen.ListeningSocket;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.SocketBridge;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An edge that clients reach by TCP, and everything else by Unix sockets. */
class UnixSocketsTest {
  private static final String TOKEN = "the-admin-token-of-a-test-0123456789";

  private final OriginProcess primary = OriginProcess.start("primary-1");
  private final OriginProcess standby = OriginProcess.start("standby-1");
  private @TempDir Path folder;
  private SocketBridge toPrimary;
  private SocketBridge toStandby;
  private Vertx vertx;
  private Edge edge;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  UnixSocketsTest() {}

  @BeforeEach
  void start() throws Exception {
    toPrimary = SocketBridge.open(folder.resolve("1.sock"), primary.port());
    toStandby = SocketBridge.open(folder.resolve("2.sock"), standby.port());
    String config =
        """
        {"adminSocket": "%1$s/admin.sock", "origins": [
          {"name": "primary", "url": "unix:%1$s/1.sock"},
          {"name": "standby", "url": "unix:%1$s/2.sock"}]}
        """
            .formatted(folder);
    ListeningSocket socket = ListeningSocket.bind("127.0.0.1", 0);
    vertx = socket.vertx(new VertxOptions());
    Map<String, String> environment =
        Map.of(
            "EDGE_CONFIG", config,
            "GATEWAY_SECRET", "the-secret-of-the-gateway-0123456789",
            "EDGE_ADMIN_TOKEN", TOKEN);
    edge =
        Edge.start(vertx, socket, EdgeConfig.fromEnvironment(environment))
            .await(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    edge.stop(Duration.ofMillis(100)).await(30, TimeUnit.SECONDS);
    vertx.close().await(30, TimeUnit.SECONDS);
    toPrimary.close();
    toStandby.close();
    primary.close();
    standby.close();
  }

  @Test
  void callsGoToTheOriginsAndOverToTheOtherOne() throws Exception {
    Conditions.await("the primary serves", () -> admin().contains("\"active\":true"));
    assertThat(admin()).contains("unix:" + folder + "/1.sock");

    assertThat(call().header("X-Served-By")).contains("primary");
    toPrimary.close();
    primary.close();
    assertThat(call().header("X-Served-By")).contains("standby");
  }

  @Test
  void theAdminListenerAsksForItsTokenThereToo() throws Exception {
    assertThat(exchange("GET /status HTTP/1.0\r\nHost: localhost\r\n\r\n"))
        .startsWith("HTTP/1.0 401");
  }

  private HttpMessage call() throws IOException {
    String body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
    return RawHttp.exchange(
        edge.port(),
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(body.length(), body));
  }

  private String admin() throws IOException {
    return exchange(
        "GET /status HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(TOKEN));
  }

  private String exchange(String request) throws IOException {
    Path socket = folder.resolve("admin.sock");
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(request.getBytes(UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
    }
  }
}
