package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Invocation;
import com.mcpist.module.Question;
import com.mcpist.module.ToolCall;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.origin.mount.client.MountException;
import com.mcpist.testkit.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A request to a mounted server that ends in a way that nobody expects. */
final class ConversationsTest {
  private final Budget budget = Budget.ofHeap(0);
  private Copies copies;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  ConversationsTest() {}

  @BeforeEach
  void start(@TempDir Path folder) {
    String file = MountedOrigin.file("small", MountedOrigin.entry(folder, "{}"));
    copies =
        new Copies(
            MountConfig.parse(file).entries().getFirst(), System.getenv(), budget, list -> {});
  }

  @AfterEach
  void stop() {
    copies.close();
  }

  /** A call whose client's progress cannot be told. */
  private record Broken(Attempt attempt) implements Invocation {
    @Override
    public ObjectNode arguments() {
      return Json.object();
    }

    @Override
    public Question.Answers answers() {
      return new Question.Answers(Json.object(), Json.object(), Set.of());
    }

    @Override
    public void progress(double progress, double total, String message) {
      throw new StackOverflowError("too deep");
    }

    @Override
    public void log(LogLevel level, String logger, JsonNode data) {}

    @Override
    public boolean cancelled() {
      return false;
    }
  }

  private ObjectNode call(String tool, boolean again) throws Exception {
    var attempt =
        new Invocation.Attempt(new Invocation.Attempt.Key("ann", tool, 0, false), 1, null);
    ObjectNode params = Json.object().put("name", tool);
    params.putObject("arguments");
    return new Conversations()
        .result(
            new Conversations.Request(
                "small", copies, "tools/call", params, Duration.ofMinutes(5), again),
            new ToolCall(
                new Broken(attempt),
                attempt,
                () -> {
                  throw new IllegalStateException();
                }));
  }

  @Test
  void anErrorOfTheVirtualMachineReachesTheCall() {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          assertThatThrownBy(() -> call("speak", false))
              .isInstanceOfSatisfying(
                  MountException.class,
                  e -> {
                    assertThat(e.kind()).isEqualTo(MountException.Kind.UNKNOWN);
                    assertThat(e).hasMessageContaining("StackOverflowError");
                  });
          ended.complete(null);
        });
    Conditions.await("the call has ended", ended::isDone);
    Conditions.await("nothing is held", () -> budget.held() == 0);
  }

  @Test
  void aCallWithoutABudgetHoldsNothingAfterwards() throws Exception {
    assertThat(MountedOrigin.text(Json.object().set("result", call("add", true))))
        .isEqualTo("sum 1");
    assertThat(budget.held()).isZero();
  }
}
