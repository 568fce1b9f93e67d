package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Behaviour;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** What a vendor's stand-in answers. */
record Reply(int status, Map<String, String> headers, JsonNode body) {
  static Reply of(int status, JsonNode body) {
    return new Reply(status, Map.of(), body);
  }

  static Reply ok(JsonNode body) {
    return of(200, body);
  }

  static Reply nothing(int status) {
    return of(status, MissingNode.getInstance());
  }

  static ObjectNode object() {
    return JsonMapper.shared().createObjectNode();
  }

  Reply with(String header, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(header, value);
    return new Reply(status, more, body);
  }

  Behaviour.Answer answer() {
    Map<String, String> all = new TreeMap<>(headers);
    byte[] bytes = new byte[0];
    if (!body.isMissingNode()) {
      all.put("Content-Type", "application/json");
      bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    }
    return new Behaviour.Answer(status, all, bytes);
  }
}
