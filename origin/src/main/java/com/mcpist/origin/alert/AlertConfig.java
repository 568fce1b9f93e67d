package com.mcpist.origin.alert;

import com.mcpist.origin.alert.Webhook.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who is told, and of which deployment. Problems are of webhooks, by name, whose address is missing
 * or wrong: another origin may have it, or it may be set later.
 */
public record AlertConfig(String service, List<Webhook> webhooks, Map<String, String> problems) {
  public static final AlertConfig NONE = new AlertConfig("", List.of(), Map.of());

  List<String> names() {
    return Stream.concat(webhooks.stream().map(Webhook::name), problems.keySet().stream()).toList();
  }

  /**
   * {@code json}: as {@code {"service", "webhooks": [{"name", "type", "secret"}]}}; a secret is the
   * variable of the environment with the address.
   *
   * @throws IllegalArgumentException it is not so; the message goes on from "ALERTS"
   */
  public static AlertConfig parse(String json, Map<String, String> environment) {
    List<Webhook> webhooks = new ArrayList<>();
    Map<String, String> problems = new TreeMap<>();
    try {
      JsonNode config = JsonMapper.shared().readTree(json);
      for (JsonNode entry : config.required("webhooks")) {
        String name = entry.required("name").asString();
        Form type = Form.valueOf(entry.required("type").asString().toUpperCase(Locale.ROOT));
        String secret = entry.required("secret").asString();
        String address = environment.getOrDefault(secret, "").strip();
        Webhook.url(address)
            .ifPresentOrElse(
                url -> webhooks.add(new Webhook(name, type, url)),
                () ->
                    problems.put(
                        name,
                        address.isEmpty()
                            ? secret + " is not set"
                            : secret + " is no address that starts with https://"));
      }
      String service = config.required("service").asString();
      return new AlertConfig(service, webhooks, problems);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "must be {\"service\", \"webhooks\": [{\"name\", \"type\", \"secret\"}]}", e);
    }
  }
}
