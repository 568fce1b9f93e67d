package com.mcpist.deploy.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The keys with which both edges verify tokens, by what every edge must pass. */
final class IssuerKeys {
  private static final Path VECTORS =
      Path.of(System.getProperty("mcpist.root"), "contract/auth/tokens.json");

  private IssuerKeys() {}

  /** All vectors. */
  static JsonNode vectors() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(VECTORS));
  }

  /**
   * One of the issuer's keys.
   *
   * @param id rsa, ec or ed
   * @param changes an object whose members take the place of the key's; null takes one out
   */
  static JsonNode key(String id, String changes) throws IOException {
    ObjectNode key =
        vectors()
            .path("keys")
            .path("keys")
            .valueStream()
            .filter(one -> one.path("kid").asString().equals(id))
            .map(one -> (ObjectNode) one.deepCopy())
            .findFirst()
            .orElseThrow();
    JsonMapper.shared()
        .readTree(changes)
        .properties()
        .forEach(
            change -> {
              if (change.getValue().isNull()) {
                key.remove(change.getKey());
              } else {
                key.set(change.getKey(), change.getValue());
              }
            });
    return key;
  }
}
