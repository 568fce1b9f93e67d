package com.mcpist.e2e.secrets;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whoever is called, a vendor or an origin: it repeats the request, its headers and its body, in
 * everything that it says.
 */
final class Echo implements AutoCloseable {
  /** Anything of this length is a public key. */
  private static final String KEY =
      Base64.getEncoder()
          .encodeToString("0123456789abcdefghijklmnopqrstuv".getBytes(StandardCharsets.US_ASCII));

  private final FaultServer server = FaultServer.start();

  private Echo(int status, boolean json) {
    server.handle(request -> answer(status, json, request));
  }

  /** One that says so in JSON, with this status. */
  static Echo json(int status) {
    return new Echo(status, true);
  }

  /** One that says so in plain text. */
  static Echo text(int status) {
    return new Echo(status, false);
  }

  String url() {
    return server.url();
  }

  /** All that it was told. */
  String told() {
    return server.requests().stream().map(HttpMessage::toString).collect(Collectors.joining("\n"));
  }

  private static Behaviour answer(int status, boolean json, HttpMessage request) {
    if (request.target().endsWith("/public-key")) { // Without it no secret would be sent there.
      return Behaviour.answer(200, "{\"key_id\":\"1\",\"key\":\"" + KEY + "\"}");
    }
    String said = "echo of " + request;
    return json
        ? Behaviour.answer(status, json(said).toString())
        : new Behaviour.Answer(
            status, Map.of("Content-Type", "text/plain"), said.getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode json(String said) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("status", "ok")
            .put("code", said)
            .put("message", said)
            .put("detail", said);
    json.putObject("error").put("code", "echo").put("message", said).put("correlationId", "1");
    json.putArray("errors").addObject().put("code", 1).put("message", said);
    json.putArray("fields").addObject().put("field", "value").put("description", said);
    return json;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
