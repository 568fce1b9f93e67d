package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Issuer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class JwksClientTest {
  /**
   * The edge asks for the first time as it starts, from a thread that is not an event loop's. A
   * loop reads the answer, and does not wait for that thread.
   */
  @Test
  void anAnswerIsReadHoweverSoonItIsThere() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (Issuer issuer = Issuer.start()) {
      issuer.key("one", "ES256");
      Supplier<Future<String>> client = IssuerKeys.fetchFrom(vertx, issuer.jwks());
      for (int i = 0; i < 5_000; i++) {
        String keys =
            client.get().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThat(keys).as("time %d", i).contains("\"one\"");
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }
}
