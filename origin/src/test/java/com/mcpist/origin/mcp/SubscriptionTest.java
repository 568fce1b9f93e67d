package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Module;
import com.mcpist.module.ToolCall;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.RecordingRunner;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.origin.trace.Traces;
import com.mcpist.testkit.Conditions;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The end of a subscription, which the event loop tells of. */
final class SubscriptionTest {
  private static final String LONG = "test://" + "x".repeat(8_192);

  private final Semaphore go = new Semaphore(0);
  private final List<Thread> unwatching = new CopyOnWriteArrayList<>();
  private final AtomicInteger passes = new AtomicInteger();

  /** The resource that cannot be watched. */
  private String broken = "";

  /** Resources whose watches end when the test lets them. */
  private final class Watched implements Module, Module.Resource.Handler {
    @Override
    public String name() {
      return "watched";
    }

    @Override
    public List<Module.Resource> resources() {
      return List.of(resource("test://one"), resource("test://two"), resource(LONG));
    }

    private Module.Resource resource(String uri) {
      return new Module.Resource(Definitions.json("{}").put("uri", uri).put("name", uri), this);
    }

    @Override
    public Optional<ObjectNode> read(String uri, ToolCall call) {
      return Optional.empty();
    }

    @Override
    public Optional<Runnable> watch(String uri, String user, Consumer<String> changed) {
      if (uri.equals(broken)) {
        throw new StackOverflowError("too deep");
      }
      return Optional.of(
          () -> {
            unwatching.add(Thread.currentThread());
            go.acquireUninterruptibly();
          });
    }
  }

  private McpEndpoint endpoint() {
    return new McpEndpoint(
        List.of(new Watched()),
        new RecordingRunner(),
        new Methods.ServerInfo("test", "Test", "1", ""),
        TestStateKey.known(),
        (user, attempt, calls) -> {
          passes.incrementAndGet();
          return passes::decrementAndGet;
        },
        InstantSource.system(),
        Audit.off(),
        Traces.OFF);
  }

  private RecordedExchange listen() {
    RecordedExchange exchange = post();
    assertThat(exchange.ends).containsExactly("hold");
    return exchange;
  }

  private RecordedExchange post() {
    return post(request("test://one", "test://two"));
  }

  private static ObjectNode request(String... uris) {
    ObjectNode params = Definitions.json("{\"notifications\":{\"resourceSubscriptions\":[]}}");
    for (String uri : uris) {
      ((ArrayNode) params.at("/notifications/resourceSubscriptions")).add(uri);
    }
    return Requests.request(Requests.MODERN, "subscriptions/listen", params.toString());
  }

  private RecordedExchange post(ObjectNode request) {
    RecordedExchange exchange =
        new RecordedExchange(Requests.headers(Requests.MODERN, request)::get);
    endpoint().post(() -> request.toString().getBytes(StandardCharsets.UTF_8), "ann", exchange);
    return exchange;
  }

  @Test
  void aStreamThatCannotBeOpenedHoldsNothing() {
    broken = "test://two";
    go.release();

    assertThatThrownBy(this::post).isInstanceOf(StackOverflowError.class);

    Conditions.await("the pass is free", () -> passes.get() == 0);
    assertThat(unwatching).as("the watch of the other resource has ended").hasSize(1);
  }

  /** A stream is charged for its head alone, however long its request was. */
  @Test
  void aStreamKeepsLittleOfItsRequest() {
    go.release();
    RecordedExchange exchange = post(request("test://one", LONG));
    assertThat(exchange.ends).containsExactly("hold");
    exchange.ended.run();

    Conditions.await("the pass is free", () -> passes.get() == 0);
    assertThat(unwatching).as("the long URI was not watched").hasSize(1);
  }

  @Test
  void theWatchesOfAStreamEndOnOneThreadOfTheirOwn() {
    RecordedExchange exchange = listen();
    Thread loop = Thread.ofPlatform().start(exchange.ended);
    try {
      Conditions.await("the first watch ends", () -> unwatching.size() == 1);
      Conditions.await("the loop goes on", () -> !loop.isAlive());
      assertThat(passes).as("the stream's pass is held").hasValue(1);
    } finally {
      go.release(2);
    }
    Conditions.await("the pass is free", () -> passes.get() == 0);
    assertThat(unwatching).hasSize(2).doesNotContain(loop);
    assertThat(unwatching.getFirst()).isSameAs(unwatching.getLast());
  }
}
