package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.origin.mount.client.Calls.Recorder;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The places for requests in flight at a server, which its users share. */
final class SharedPlacesTest {
  private static final int HALF = MountedServer.MOST_CALLS / 2;

  /** So short that a request which finds no place is refused at once. */
  private static final Duration SOON = Duration.ofMillis(500);

  private final FaultServer server = FaultServer.start();
  private final List<Recorder> waiting = new ArrayList<>();

  /** The server answers the tool "work", and never the tool "hang". */
  @BeforeEach
  void serve() {
    server.handle(
        request -> {
          JsonNode message = Calls.JSON.readTree(request.body());
          String result =
              message.path("method").asString("").equals("server/discover")
                  ? "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}}"
                  : "{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}";
          return message.at("/params/name").asString("").equals("hang")
              ? Behaviour.sse(Ending.SILENCE)
              : Behaviour.answer(
                  200,
                  "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}"
                      .formatted(message.path("id"), result));
        });
  }

  @AfterEach
  void stop() throws Exception {
    waiting.forEach(each -> each.cancelled = true);
    server.close();
  }

  private Calls calls(String more) throws MountException {
    ObjectNode entry = (ObjectNode) Calls.JSON.readTree(more);
    return Calls.of(entry.put("url", server.url() + "/mcp"), Map.of());
  }

  private static Recorder of(String user) {
    Recorder listener = new Recorder();
    listener.user = user;
    return listener;
  }

  private List<CompletableFuture<String>> hang(Calls calls, String user, int count) {
    List<CompletableFuture<String>> begun = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Recorder listener = of(user);
      waiting.add(listener);
      begun.add(calls.begin("hang", listener));
    }
    return begun;
  }

  private long hanging() {
    return server.requests().stream().filter(request -> request.text().contains("hang")).count();
  }

  @Test
  void aUserLeavesHalfOfThePlacesToOthers() throws Exception {
    try (Calls calls = calls("{}")) {
      hang(calls, "eve", HALF);
      Conditions.await("eve has her share", () -> hanging() == HALF);

      MountException refusal =
          catchThrowableOfType(MountException.class, () -> calls.result("work", of("eve"), SOON));
      assertThat(refusal.isCrowded()).isTrue();
      assertThat(refusal.kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(refusal)
          .hasMessage("its user has 16 calls in flight there, as many as there is room for");

      assertThat(Calls.text(calls.result("work", of("ann"), Calls.LIMIT))).isEqualTo("done");
      assertThat(Calls.text(calls.result("work", of(""), Calls.LIMIT))).isEqualTo("done");
      assertThat(hanging()).isEqualTo(HALF);
    }
  }

  /** A place of the user's own that becomes free is the user's next one. */
  @Test
  void aUserBeyondTheShareWaitsForCallsOfTheSameUser() throws Exception {
    try (Calls calls = calls("{}")) {
      hang(calls, "eve", HALF);
      Conditions.await("eve has her share", () -> hanging() == HALF);
      CompletableFuture<String> next = calls.begin("work", of("eve"));

      waiting.getFirst().cancelled = true;

      assertThat(next.get()).isEqualTo("done");
    }
  }

  @Test
  void whoHoldsNoneIsToldThatOthersHaveAllPlaces() throws Exception {
    try (Calls calls = calls("{}")) {
      int begun = 0;
      for (String user : List.of("a", "b", "c", "d", "e", "f")) {
        int share = Math.max(1, (MountedServer.MOST_CALLS - begun) / 2);
        hang(calls, user, share);
        begun += share;
        int all = begun;
        Conditions.await("the share is taken", () -> hanging() == all);
      }
      assertThat(begun).isEqualTo(MountedServer.MOST_CALLS);

      MountException refusal =
          catchThrowableOfType(MountException.class, () -> calls.result("work", of("ann"), SOON));

      assertThat(refusal.isCrowded()).isFalse();
      assertThat(refusal).hasMessageContaining("calls of others");
    }
  }

  @Test
  void aCopyOfOneUserHasAllPlacesForThatUser() throws Exception {
    try (Calls calls = calls("{\"per_user\":true}")) {
      hang(calls, "eve", MountedServer.MOST_CALLS);
      Conditions.await("all are sent", () -> hanging() == MountedServer.MOST_CALLS);
    }
  }
}
