package com.mcpist.edge.admin;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tells which gateway secret the edge has, without the value, and takes another one. */
final class SecretsEndpoint {
  private final SentSecret secret;

  SecretsEndpoint(SentSecret secret) {
    this.secret = secret;
  }

  /**
   * Answers a challenge: {"nonce", "names"}.
   *
   * @return empty where it is none
   */
  Optional<Map<String, Object>> prove(byte[] body) {
    JsonNode asked = json(body);
    String nonce = asked.path("nonce").asString("");
    JsonNode names = asked.path("names");
    if (!nonce.matches("[A-Za-z0-9_-]{43}") || !names.isArray()) {
      return Optional.empty();
    }
    boolean known = names.valueStream().anyMatch(n -> n.asString("").equals(SentSecret.NAME));
    return Optional.of(
        Map.of(
            "proofs",
            known ? Map.of(SentSecret.NAME, secret.proof(nonce)) : Map.of(),
            "names",
            List.of(SentSecret.NAME)));
  }

  /**
   * Takes another value: {"GATEWAY_SECRET"}. The attempts that come are made with it.
   *
   * @return false where it is none
   */
  boolean replace(byte[] body) {
    JsonNode given = json(body);
    String value = given.path(SentSecret.NAME).asString("");
    if (given.size() != 1 || !SentSecret.isOne(value)) {
      return false;
    }
    secret.replace(value);
    return true;
  }

  private static JsonNode json(byte[] body) {
    try {
      return JsonMapper.shared().readTree(body);
    } catch (JacksonException _) {
      return JsonMapper.shared().createObjectNode(); // Its message could quote a secret.
    }
  }
}
