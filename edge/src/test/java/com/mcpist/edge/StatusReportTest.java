package com.mcpist.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.edge.fixture.RunningEdge;
import com.mcpist.edge.fixture.Watcher;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tests the report of a whole edge to an origin that renders the status page. */
class StatusReportTest {
  private static JsonNode asked(OriginProcess origin) {
    HttpMessage request =
        origin.requests().stream()
            .filter(each -> each.target().equals("/status"))
            .toList()
            .getLast();
    return JsonMapper.shared().readTree(request.body());
  }

  private static String page(RunningEdge edge) throws IOException {
    return RawHttp.exchange(edge.port(), "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n").text();
  }

  @Test
  void itTellsHowItsOriginsAreAndWhatCallsHadOfThem() throws IOException {
    try (OriginProcess primary = OriginProcess.start("r1");
        OriginProcess standby = OriginProcess.start("r2");
        RunningEdge edge = RunningEdge.before(primary, standby)) {
      RawHttp.exchange(edge.port(), RawHttp.post("/mcp", "", "{}"));
      Conditions.await(
          "the call is counted, after its client has read the answer",
          () -> {
            assertThat(page(edge)).isEqualTo("rendered by r1");
            return asked(primary).path("edge").path("calls").path("answered").asInt() == 1;
          });
      JsonNode asked = asked(primary);
      assertThat(asked.propertyNames())
          .containsExactlyInAnyOrder("edge", "part", "language", "call", "live", "signedIn");
      assertThat(asked.path("part").asString()).isEqualTo("page");
      assertThat(asked.path("language").asString()).isEqualTo("en");
      assertThat(asked.path("call").isNull()).isTrue();
      assertThat(asked.path("live").asBoolean()).isTrue();
      assertThat(asked.path("signedIn").isBoolean()).isTrue();

      JsonNode told = asked.path("edge");
      assertThat(told.propertyNames())
          .containsExactlyInAnyOrder("kind", "at", "activeSince", "origins", "calls");
      assertThat(told.path("kind").asString()).isEqualTo("java");
      Instant at = Instant.parse(told.path("at").asString());
      assertThat(Instant.parse(told.path("activeSince").asString())).isBeforeOrEqualTo(at);
      assertThat(told.path("calls").toString())
          .isEqualTo("{\"answered\":1,\"failed\":0,\"replayed\":0}");
      JsonNode first = told.path("origins").path(0);
      assertThat(first.propertyNames())
          .containsExactlyInAnyOrder(
              "name",
              "state",
              "active",
              "release",
              "lastFailure",
              "attempts",
              "p50Millis",
              "p99Millis");
      assertThat(first.path("name").asString()).isEqualTo("primary");
      assertThat(first.path("state").asString()).isEqualTo("healthy");
      assertThat(first.path("active").asBoolean()).isTrue();
      assertThat(first.path("release").asString()).isEqualTo("r1");
      assertThat(first.path("attempts").asInt()).isEqualTo(1);
      assertThat(first.path("p50Millis").isNumber()).isTrue();
      assertThat(first.path("p99Millis").asDouble())
          .isGreaterThanOrEqualTo(first.path("p50Millis").asDouble());
      JsonNode second = told.path("origins").path(1);
      assertThat(second.path("attempts").asInt()).isZero();
      assertThat(second.path("p50Millis").isNull()).isTrue();

      try (Watcher watcher = Watcher.open(edge.port(), "")) {
        watcher.await("data: rendered by r1");
        primary.drain();
        watcher.await("data: rendered by r2");
      }
      Conditions.await(
          "the failure is told",
          () -> {
            page(edge);
            JsonNode failed = asked(standby).path("edge").path("origins").path(0);
            return failed.path("state").asString().equals("unhealthy")
                && failed.path("lastFailure").propertyNames().size() == 2;
          });
    }
  }
}
