package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Invocation;
import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.ToolCall;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Requests to one server over HTTP that wait for answers of its users. */
final class WaitingTest {
  private static final String QUESTION =
      "{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"elicitation/create\",\"params\":"
          + "{\"message\":\"Really?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}}";

  private final FaultServer server = FaultServer.start();
  private final Conversations conversations = new Conversations();
  private Copies copies;
  private volatile boolean cancelled;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  WaitingTest() {}

  @BeforeEach
  void start() {
    server.handle(WaitingTest::behaviour);
    String file = MountedOrigin.file("asks", Json.object().put("url", server.url() + "/mcp"));
    copies =
        new Copies(
            MountConfig.parse(file).entries().getFirst(), Map.of(), Budget.ofHeap(0), list -> {});
  }

  private static Behaviour behaviour(HttpMessage request) {
    JsonNode message = JsonMapper.shared().readTree(request.body());
    return switch (message.path("method").asString("")) {
      case "server/discover" ->
          Behaviour.answer(
              200,
              "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}}}"
                  .formatted(message.path("id")));
      case "tools/call" -> Behaviour.sse(Ending.SILENCE, QUESTION);
      default -> Behaviour.status(202);
    };
  }

  @AfterEach
  void stop() throws Exception {
    cancelled = true;
    copies.close();
    server.close();
  }

  private final class Asked implements Invocation {
    private final Attempt attempt;

    Asked(String user) {
      attempt = new Attempt(new Attempt.Key(user, UUID.randomUUID().toString(), 0, false), 1, null);
    }

    @Override
    public Attempt attempt() {
      return attempt;
    }

    @Override
    public ObjectNode arguments() {
      return Json.object();
    }

    @Override
    public Question.Answers answers() {
      return new Question.Answers(Json.object(), Json.object(), EnumSet.allOf(Question.Kind.class));
    }

    @Override
    public void progress(double progress, double total, String message) {}

    @Override
    public void log(LogLevel level, String logger, JsonNode data) {}

    @Override
    public boolean cancelled() {
      return cancelled;
    }
  }

  private ObjectNode call(String user) throws Exception {
    Asked call = new Asked(user);
    return conversations.result(
        new Conversations.Request(
            "asks",
            copies,
            "tools/call",
            Json.object().put("name", "ask"),
            Duration.ofMinutes(1),
            false),
        new ToolCall(
            call,
            call.attempt(),
            () -> {
              throw new IllegalStateException();
            }));
  }

  /** Asks in the name of a user for whom no question may wait. The server is told an error. */
  private void isNotAsked(String user) {
    long told = refusals();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          assertThatThrownBy(() -> call(user)).isNotInstanceOf(InputRequired.class);
          ended.complete(null);
        });
    Conditions.await("the server is told", () -> refusals() == told + 1);
    assertThat(ended).isNotDone();
  }

  private long refusals() {
    return server.requests().stream()
        .filter(request -> request.text().contains("Too many calls wait for answers"))
        .count();
  }

  @Test
  void aUserAndAServerHaveSoManyThatWait() {
    int users = Conversations.MOST_OF_SERVER / Conversations.MOST_OF_USER;
    for (int user = 0; user < users; user++) {
      String name = "user" + user;
      for (int i = 0; i < Conversations.MOST_OF_USER; i++) {
        assertThatThrownBy(() -> call(name)).isInstanceOf(InputRequired.class);
      }
      isNotAsked(name);
    }
    assertThat(users * Conversations.MOST_OF_USER).isEqualTo(16);

    isNotAsked("ann");
  }
}
