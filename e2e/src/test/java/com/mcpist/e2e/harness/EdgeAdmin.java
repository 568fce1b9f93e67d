package com.mcpist.e2e.harness;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The admin listener of an edge that no supervisor runs.
 *
 * @param port of loopback
 * @param token what it is started with
 */
public record EdgeAdmin(int port, String token) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What it says of its origins, in their order. */
  public List<Status.Origin> origins() throws IOException {
    var origins = status().path("origins");
    return StreamSupport.stream(origins.spliterator(), false)
        .map(o -> JSON.treeToValue(o, Status.Origin.class))
        .toList();
  }

  /** All that it says. */
  public JsonNode status() throws IOException {
    return JSON.readTree(send("GET", "/status", "").body());
  }

  /** Drains it or takes it back: {@code drain} or {@code undrain}. */
  public void change(String origin, String what) throws IOException {
    var _ = send("POST", "/origins/" + origin + "/" + what, "");
  }

  /** Gives it another secret. */
  public void secret(String name, String value) throws IOException {
    var _ = send("PUT", "/secrets", JSON.writeValueAsString(Map.of(name, value)));
  }

  private HttpMessage send(String method, String target, String body) throws IOException {
    HttpMessage answer =
        RawHttp.exchange(
            port,
            """
            %s %s HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            Content-Type: application/json\r
            Content-Length: %d\r
            \r
            %s\
            """
                .formatted(method, target, token, body.length(), body));
    if (answer.status() / 100 != 2) {
      throw new AssertionError(answer.toString());
    }
    return answer;
  }
}
