package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.listen.ClientLimits;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpstreamTest {
  @Test
  void aConnectionThatIsNotUsedAfterAllIsNotLost() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (FaultServer server = FaultServer.start().always(Behaviour.answer(200, "{}"))) {
      Upstream upstream =
          new Upstream(vertx, oneConnection(), new Addresses(vertx, List.of(), _ -> () -> "", 1));
      Origin origin = new Origin("one", URI.create(server.url()));
      HttpClientRequest unused =
          TestEdge.await(upstream.request(origin, HttpMethod.GET, "/mcp", false));
      unused.reset();
      HttpClientResponse response =
          TestEdge.await(
              upstream
                  .request(origin, HttpMethod.GET, "/mcp", false)
                  .compose(HttpClientRequest::send)
                  .compose(r -> r.body().map(r)));
      assertThat(response.statusCode()).isEqualTo(200);
    } finally {
      TestEdge.await(vertx.close());
    }
  }

  @Test
  void aCallNeedsNoNameServerOnceTheAddressIsKnown() throws Exception {
    Vertx vertx = Vertx.vertx();
    FaultServer server = FaultServer.start().always(Behaviour.answer(200, "{}"));
    Origin origin = new Origin("one", URI.create("http://origin.test:" + server.port()));
    // No name server knows a name in .test (RFC 6761).
    try (server) {
      Addresses addresses = new Addresses(vertx, List.of(origin.url()), _ -> () -> "127.0.0.1", 1);
      Conditions.await("it is", () -> addresses.request(origin.url()).getServer() != null);
      Upstream upstream = new Upstream(vertx, oneConnection(), addresses);
      TestEdge.await(
          upstream
              .request(origin, HttpMethod.GET, "/mcp", false)
              .compose(HttpClientRequest::send)
              .compose(response -> response.body()));
      assertThat(server.requests().getFirst().header("Host"))
          .contains("origin.test:" + server.port());
    } finally {
      TestEdge.await(vertx.close());
    }
  }

  private static ProxyConfig oneConnection() {
    ProxyConfig config = ProxyConfig.defaults("127.0.0.1", 0);
    return new ProxyConfig(
        config.host(),
        config.port(),
        config.waitMillis(),
        config.connectTimeoutMillis(),
        config.idleTimeoutMillis(),
        config.attemptMillis(),
        config.maxBodyBytes(),
        config.replayBufferBytes(),
        new ClientLimits(1, 4096, 1_000, 1_000, 1_000, 1_000),
        config.allowedHosts());
  }
}
