package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.config.Limits;
import com.mcpist.deploy.http.Body;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the Worker is to be.
 *
 * @param release as people call it; the Worker tells it
 * @param edgeConfig what it reads from EDGE_CONFIG
 * @param state the title of the KV namespace where it keeps what is drained
 */
public record WorkerRelease(
    WorkerBundle bundle, String release, JsonNode edgeConfig, String state) {
  static final String EDGE_CONFIG = "EDGE_CONFIG";

  /** Cloudflare takes no longer tag. */
  private static final int MARK_LENGTH = 24;

  /** Nor a longer message. */
  private static final int MESSAGE_LENGTH = 100;

  /** The title of the KV namespace of a Worker. */
  public static String stateOf(String worker) {
    return worker + "-state";
  }

  /**
   * Tells this program with these settings from any other.
   *
   * @param namespace the id of the KV namespace
   */
  String mark(String namespace) {
    return Digests.of(settings(namespace).toString(), bundle.module()).substring(0, MARK_LENGTH);
  }

  /** What is uploaded. */
  Body form(String namespace) {
    ObjectNode metadata = settings(namespace);
    metadata
        .putObject("annotations")
        .put(WorkerVersion.MESSAGE, message())
        .put(WorkerVersion.MARK, mark(namespace));
    return Body.form(
        List.of(
            new Body.Part("metadata", "application/json", metadata.toString(), false),
            new Body.Part(
                WorkerBundle.MODULE, "application/javascript+module", bundle.module(), true)));
  }

  String message() {
    return release.substring(0, Math.min(MESSAGE_LENGTH, release.length()));
  }

  private ObjectNode settings(String namespace) {
    ObjectNode metadata = JsonMapper.shared().createObjectNode();
    metadata.put("main_module", WorkerBundle.MODULE);
    metadata.put("compatibility_date", bundle.compatibilityDate());
    bundle.compatibilityFlags().forEach(metadata.putArray("compatibility_flags")::add);
    ArrayNode bindings = metadata.putArray("bindings");
    text(bindings, EDGE_CONFIG, edgeConfig.toString());
    text(bindings, "RELEASE", release);
    bindings
        .addObject()
        .put("type", "kv_namespace")
        .put("name", "STATE")
        .put("namespace_id", namespace);
    if (edgeConfig.path("limits").isObject()) {
      JsonNode limits = edgeConfig.path("limits");
      int address = limits.path("addressPerMinute").asInt(Limits.DEFAULT.addressPerMinute());
      int user = limits.path("userPerSecond").asInt(Limits.DEFAULT.userPerSecond());
      limit(bindings, "ADDRESS_LIMIT", address, 60);
      limit(bindings, "USER_LIMIT", user * 10, 10);
    }
    // What is not named would be gone, and the secrets are nobody's to name here.
    metadata.putArray("keep_bindings").add("secret_text");
    return metadata;
  }

  /** Cloudflare counts by 10 or 60 seconds. Whoever has the same namespace is counted together. */
  private void limit(ArrayNode bindings, String name, int limit, int seconds) {
    if (limit > 0) {
      CRC32 number = new CRC32();
      number.update((state + " " + name).getBytes(StandardCharsets.UTF_8));
      bindings
          .addObject()
          .put("type", "ratelimit")
          .put("name", name)
          .put("namespace_id", Long.toString(number.getValue()))
          .putObject("simple")
          .put("limit", limit)
          .put("period", seconds);
    }
  }

  private static void text(ArrayNode bindings, String name, String text) {
    bindings.addObject().put("type", "plain_text").put("name", name).put("text", text);
  }
}
