package com.mcpist.e2e.harness;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.json.JsonMapper;

/**
 * The admin listener of an edge that no supervisor runs.
 *
 * @param port of loopback
 * @param token what it is started with
 */
record EdgeAdmin(int port, String token) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What it says of its origins, in their order. */
  List<Status.Origin> origins() throws IOException {
    HttpMessage answer = send("GET", "/status");
    if (answer.status() != 200) {
      throw new AssertionError(answer.toString());
    }
    var origins = JSON.readTree(answer.body()).path("origins");
    return StreamSupport.stream(origins.spliterator(), false)
        .map(o -> JSON.treeToValue(o, Status.Origin.class))
        .toList();
  }

  /** Drains it or takes it back: {@code drain} or {@code undrain}. */
  void change(String origin, String what) throws IOException {
    HttpMessage answer = send("POST", "/origins/" + origin + "/" + what);
    if (answer.status() != 200) {
      throw new AssertionError(answer.toString());
    }
  }

  private HttpMessage send(String method, String target) throws IOException {
    return RawHttp.exchange(
        port,
        "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 0\r\n\r\n"
            .formatted(method, target, token));
  }
}
