package com.mcpist.edge.wire;

import static com.mcpist.testkit.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.wire.OwnRequest.Answer;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnRequestTest {
  private final Vertx vertx = Vertx.vertx();
  private final FaultServer server = FaultServer.start();
  private final HttpClient client = OwnRequest.client(vertx, new PoolOptions().setHttp1MaxSize(1));
  private final OwnRequest request = new OwnRequest(1_000, Duration.ofSeconds(30));

  @AfterEach
  void close() throws Exception {
    server.close();
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private Future<Answer> ask(String body, Promise<Answer> answered) {
    RequestOptions post =
        new RequestOptions()
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setMethod(HttpMethod.POST)
            .setURI("/");
    return request.ask(client, post, Buffer.buffer(body), answered);
  }

  @Test
  void whatNobodyWaitsForIsNotSent() throws IOException {
    server.next(Behaviour.silent());
    Promise<Answer> first = Promise.promise();
    Future<Answer> ended = ask("first", first);
    await("the first is there", () -> server.requests().size() == 1);
    // The second and the last request wait for the one connection.
    Promise<Answer> second = Promise.promise();
    Future<Answer> never = ask("second", second);
    Future<Answer> last = ask("last", Promise.promise());

    second.fail("given up");
    first.fail("given up");

    await("the last one is answered", last::succeeded);
    assertThat(ended.failed()).isTrue();
    assertThat(never.failed()).isTrue();
    assertThat(server.requests()).extracting(HttpMessage::text).containsExactly("first", "last");
  }
}
