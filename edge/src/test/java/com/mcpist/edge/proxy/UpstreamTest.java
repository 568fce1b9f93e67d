package com.mcpist.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.net.URI;
import org.junit.jupiter.api.Test;

class UpstreamTest {
  @Test
  void aConnectionThatIsNotUsedAfterAllIsNotLost() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (FaultServer server = FaultServer.start().always(Behaviour.answer(200, "{}"))) {
      var client = vertx.httpClientBuilder().with(new PoolOptions().setHttp1MaxSize(1)).build();
      Upstream upstream = new Upstream(client, client);
      Origin origin = new Origin("one", URI.create(server.url()));
      HttpClientRequest unused = TestEdge.await(upstream.request(origin, HttpMethod.GET, "/mcp"));
      unused.reset();
      HttpClientResponse response =
          TestEdge.await(
              upstream
                  .request(origin, HttpMethod.GET, "/mcp")
                  .compose(HttpClientRequest::send)
                  .compose(r -> r.body().map(r)));
      assertThat(response.statusCode()).isEqualTo(200);
    } finally {
      TestEdge.await(vertx.close());
    }
  }
}
