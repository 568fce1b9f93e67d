package com.mcpist.pair.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.pair.process.Keeper.Death;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.SocketBridge;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PairEventsTest {
  private static final Instant AT = Instant.parse("2026-11-28T09:00:00Z");

  private @Nullable SocketBridge bridge;
  private final FaultServer origin = FaultServer.start();
  private final KnownSecrets known = KnownSecrets.random();
  private final PairEvents events = new PairEvents();
  private @TempDir Path folder;

  @AfterEach
  void stop() throws Exception {
    events.stop();
    if (bridge != null) {
      bridge.close();
    }
    origin.close();
  }

  private void tell() {
    Path socket = folder.resolve("origin.sock");
    bridge = SocketBridge.open(socket, origin.port());
    events.tell(
        Map.of(
            "koyeb-primary",
            SocketHttp.uri(socket),
            "gone",
            SocketHttp.uri(folder.resolve("gone.sock"))),
        known);
  }

  private List<JsonNode> bodies() {
    return origin.requests().stream()
        .map(HttpMessage::body)
        .map(JsonMapper.shared()::readTree)
        .toList();
  }

  @Test
  void aDeathIsToldUntilAnOriginHasItAndThenItsEnd() {
    origin.next(Behaviour.status(503));
    origin.always(Behaviour.status(204));
    tell();
    UUID id = UUID.randomUUID();
    events.died(new Death(id, "koyeb-primary", "killed, signal 9", 1, AT, null));
    Conditions.await("it is told", () -> origin.requests().size() == 2);
    events.died(new Death(id, "koyeb-primary", "exit code 1", 3, AT, AT.plusSeconds(4)));
    Conditions.await("its end is told", () -> origin.requests().size() == 3);

    assertThat(origin.requests())
        .allSatisfy(
            put -> {
              assertThat(put.method() + " " + put.target()).isEqualTo("PUT /events/" + id);
              assertThat(put.header("X-Gateway-Secret"))
                  .contains(known.current(Source.GATEWAY_SECRET).reveal());
            });
    assertThat(bodies().getFirst())
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"kind": "death", "origin": "koyeb-primary",
                     "message": "koyeb-primary died (killed, signal 9)",
                     "at": "2026-11-28T09:00:00Z", "ended": null,
                     "data": {"cause": "killed, signal 9", "times": 1}}
                    """));
    JsonNode over = bodies().getLast();
    assertThat(over.path("message").asString())
        .isEqualTo("koyeb-primary died 3 times (the last time: exit code 1)");
    assertThat(over.path("ended").asString()).isEqualTo("2026-11-28T09:00:04Z");
  }

  @Test
  void theEdgeIsNoOrigin() {
    origin.always(Behaviour.status(204));
    tell();
    events.died(new Death(UUID.randomUUID(), "edge", "exit code 1", 1, AT, null));
    Conditions.await("it is told", () -> !origin.requests().isEmpty());
    assertThat(bodies().getFirst().path("origin").isNull()).isTrue();
  }

  @Test
  void aSecretThatIsBeingReplacedIsShownToo() throws Exception {
    String next = "the-next-gateway-secret-0123456789abcdef";
    known.keep(Map.of(Source.next(Source.GATEWAY_SECRET), next));
    origin.handle(
        put ->
            Behaviour.status(put.header("X-Gateway-Secret").orElse("").equals(next) ? 204 : 403));
    events.add(Event.now("restart", Optional.empty(), "another edge has taken over"));
    tell();
    Conditions.await("it is told", () -> origin.requests().size() == 2);
  }

  @Test
  void theOldestGiveWayAndTheirNumberIsTold() {
    origin.always(Behaviour.status(204));
    for (int i = 0; i < PairEvents.MOST + 3; i++) {
      events.add(Event.now("restart", Optional.empty(), "number " + i));
    }
    tell();
    Conditions.await("all are told", () -> origin.requests().size() > PairEvents.MOST);
    List<String> told = bodies().stream().map(body -> body.path("message").asString()).toList();
    assertThat(told).hasSize(PairEvents.MOST + 1).startsWith("number 3");
    assertThat(told.getLast()).isEqualTo("3 events were not kept: no origin took them in time");
  }
}
