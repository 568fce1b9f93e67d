package com.mcpist.edge.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.fixture.TestOrigins;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EventsTest {
  private static final Instant AT = Instant.parse("2026-11-28T09:00:00Z");

  private final FaultServer first = FaultServer.start();
  private final FaultServer second = FaultServer.start();
  private final Vertx vertx = Vertx.vertx();
  private final EventBuffer buffer = new EventBuffer();

  @AfterEach
  void stop() throws IOException {
    TestEdge.await(vertx.close());
    first.close();
    second.close();
  }

  private static Event event(UUID id, String message, boolean over) {
    return new Event(
        id, "failover", "a", message, AT, over ? AT.plusSeconds(7) : null, Map.of("failed", 0));
  }

  private static Event event(String message) {
    return event(UUID.randomUUID(), message, false);
  }

  private List<String> drained() {
    List<String> messages = new ArrayList<>();
    for (var next = buffer.next(); next.isPresent(); next = buffer.next()) {
      messages.add(next.get().message());
      buffer.told(next.get());
    }
    return messages;
  }

  @Test
  void whatIsNewOfOneTakesItsPlaceAndItsEndStays() {
    UUID id = UUID.randomUUID();
    buffer.add(event(id, "goes on", false));
    buffer.add(event("another"));
    buffer.add(event(id, "is over", true));
    buffer.add(event(id, "goes on", false));
    assertThat(drained()).containsExactly("is over", "another");
  }

  @Test
  void whatComesWhileOneIsToldIsToldToo() {
    UUID id = UUID.randomUUID();
    buffer.add(event(id, "goes on", false));
    Event underWay = buffer.next().orElseThrow();
    buffer.add(event(id, "is over", true));
    buffer.told(underWay);
    assertThat(drained()).containsExactly("is over");
  }

  @Test
  void theOldestGiveWayAndTheirNumberIsTold() {
    for (int i = 0; i < EventBuffer.MOST + 3; i++) {
      buffer.add(event("number " + i));
    }
    List<String> all = drained();
    assertThat(all).hasSize(EventBuffer.MOST + 1).startsWith("number 3");
    assertThat(all.getLast()).isEqualTo("3 events were not kept: no origin took them in time");
    buffer.add(event("later"));
    assertThat(drained()).containsExactly("later");
  }

  private Events events(String withoutLedger) {
    TestOrigins origins = new TestOrigins(vertx, first, second);
    origins.keepNone = withoutLedger;
    return new Events(
        vertx, origins, () -> TestEdge.SECRET, new Addresses(vertx, List.of(), _ -> () -> "", 1));
  }

  private List<HttpMessage> told() {
    return Stream.of(first, second).flatMap(origin -> origin.requests().stream()).toList();
  }

  @Test
  void oneIsToldUntilAnOriginHasItAndThenNoMore() {
    first.next(Behaviour.status(503));
    first.always(Behaviour.status(204));
    second.always(Behaviour.inItsPlace(200, "<html>This service is stopped</html>"));
    Events events = events("");
    UUID id = UUID.randomUUID();
    events.add(event(id, "b served 7 s", true));
    Event last = event("last");
    events.add(last);

    Conditions.await(
        "all are told",
        () -> told().stream().anyMatch(each -> each.target().endsWith(last.id().toString())));
    TestEdge.await(events.close());

    List<HttpMessage> ofTheFirst =
        first.requests().stream().filter(each -> each.target().equals("/events/" + id)).toList();
    assertThat(ofTheFirst).hasSize(2);
    assertThat(second.requests()).hasSize(1);
    HttpMessage put = ofTheFirst.getLast();
    assertThat(put.method()).isEqualTo("PUT");
    assertThat(put.header("X-Gateway-Secret")).contains(TestEdge.SECRET);
    JsonNode body = JsonMapper.shared().readTree(put.body());
    assertThat(body)
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"kind": "failover", "origin": "a", "message": "b served 7 s",
                     "at": "2026-11-28T09:00:00Z", "ended": "2026-11-28T09:00:07Z",
                     "data": {"failed": 0}}
                    """));
  }

  @Test
  void oneThatIsRefusedDoesNotHoldUpTheNext() {
    first.next(Behaviour.ofLedger(400, "{}"));
    first.always(Behaviour.status(204));
    Events events = events("origin-2");
    events.add(event("refused"));
    events.add(event("next"));

    Conditions.await("both are told", () -> told().size() == 2);
    TestEdge.await(events.close());
    assertThat(second.requests()).as("it is no origin of MCPist").isEmpty();
  }
}
