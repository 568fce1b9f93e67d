package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Behaviour;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a vendor's stand-in answers.
 *
 * @param wrapped whether the vendor puts what its schema describes into an envelope that it does
 *     not describe
 */
record Reply(int status, Map<String, String> headers, JsonNode body, boolean wrapped) {
  static Reply of(int status, JsonNode body) {
    return new Reply(status, Map.of(), body, false);
  }

  static Reply ok(JsonNode body) {
    return of(200, body);
  }

  static Reply wrapped(int status, JsonNode body) {
    return new Reply(status, Map.of(), body, true);
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
    return new Reply(status, more, body, wrapped);
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
