package com.mcpist.origin.http;

import static com.mcpist.origin.fixture.Requests.MODERN;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of requests and of calls of tools, and to whom. */
class MetricsTest {
  private static final String CALL_ID = "01997b6e-7a1c-7c3e-9a33-5b1c0a6d1f00";

  private static HttpResponse<String> call(TestOrigin origin, String tool) throws Exception {
    return origin.send(
        origin
            .post(MODERN, Requests.call(MODERN, tool, "{\"said\": \"in confidence\"}"))
            .header("X-Call-Id", CALL_ID));
  }

  @Test
  void callsAreCountedByToolAndOutcome() throws Exception {
    try (TestOrigin origin = new TestOrigin()) {
      for (String tool : new String[] {"echo", "refuse", "break", "away", "any-name-at-all"}) {
        call(origin, tool);
      }
      origin.admission.set(
          (user, attempt, calls) -> {
            throw new RefusedException(
                429, "rate_limited", "No.", Map.of("RateLimit-Policy", "\"minute\";q=1;w=60"));
          });
      call(origin, "echo");

      HttpResponse<String> told = origin.send(origin.to("/metrics"));
      assertThat(told.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
      assertThat(told.body().lines())
          .contains(
              "mcpist_requests_total{outcome=\"answered\",program=\"origin\"} 2.0",
              "mcpist_requests_total{outcome=\"error\",program=\"origin\"} 2.0",
              "mcpist_requests_total{outcome=\"failed\",program=\"origin\"} 1.0",
              "mcpist_requests_total{outcome=\"refused\",program=\"origin\"} 1.0",
              "mcpist_rate_limit_hits_total{limit=\"minute\"} 1.0",
              "mcpist_request_duration_seconds_count{program=\"origin\"} 4",
              "mcpist_tool_calls_total{module=\"test\",outcome=\"ok\",tool=\"echo\"} 1.0",
              "mcpist_tool_calls_total{module=\"test\",outcome=\"error\",tool=\"refuse\"} 1.0",
              "mcpist_tool_calls_total{module=\"test\",outcome=\"failed\",tool=\"break\"} 1.0",
              "mcpist_tool_calls_total{module=\"test\",outcome=\"failed\",tool=\"away\"} 1.0",
              "mcpist_tool_calls_total{module=\"other\",outcome=\"error\",tool=\"other\"} 1.0",
              "mcpist_tool_call_duration_seconds_count{module=\"test\",tool=\"echo\"} 1");
      assertThat(told.body()).doesNotContain("any-name-at-all", "in confidence", "local", CALL_ID);
      assertThat(
              origin
                  .send(origin.to("/metrics").header("Accept", "application/openmetrics-text"))
                  .body())
          .contains(" # {call_id=\"" + CALL_ID + "\"} ")
          .endsWith("# EOF\n");
    }
  }

  @Test
  void strangersAndOtherSitesPagesAreToldNothing() throws IOException {
    try (TestOrigin origin = new TestOrigin()) {
      assertThat(status(origin, "localhost")).isEqualTo(403);
    }
    try (TestOrigin development =
        new TestOrigin(Connections.Limits.DEFAULT, AcceptedSecrets.notRequired())) {
      assertThat(status(development, "localhost")).isEqualTo(200);
      assertThat(status(development, "evil.example")).isEqualTo(421);
    }
  }

  private static int status(TestOrigin origin, String host) throws IOException {
    return RawHttp.exchange(
            origin.port(),
            "GET /metrics HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer x\r\n\r\n")
        .status();
  }
}
