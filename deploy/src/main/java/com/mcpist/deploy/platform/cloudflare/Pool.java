package com.mcpist.deploy.platform.cloudflare;

import tools.jackson.databind.JsonNode;

/**
 * A pool of one origin behind the load balancer.
 *
 * @param name as Terraform names it: the service's name, a hyphen, and the origin's
 * @param origin the origin's name in mcpist.yml
 * @param enabled whether it is asked for its health and sent calls at all
 */
record Pool(String id, String name, String origin, boolean enabled) {
  static Pool of(JsonNode json) {
    return new Pool(
        json.path("id").asString(""),
        json.path("name").asString(""),
        json.path("origins").path(0).path("name").asString(""),
        json.path("enabled").asBoolean(true));
  }

  /** Whether it is called as Terraform calls a pool of that service. */
  boolean isOf(String service) {
    return name.startsWith(service + "-");
  }

  /** Whether it is the one that Terraform makes for that origin of that service. */
  boolean is(String service, String wanted) {
    return name.equals(service + "-" + wanted) && origin.equals(wanted);
  }

  /**
   * Whether a pool's health says that it is well wherever it is asked from. It comes in two shapes:
   * one health for each place, or one for all of them.
   *
   * @param health what is below {@code result}
   */
  static boolean isHealthy(JsonNode health) {
    JsonNode places = health.path("pop_health");
    if (places.path("healthy").isBoolean()) {
      return places.path("healthy").asBoolean();
    }
    return !places.isEmpty()
        && places.valueStream().allMatch(place -> place.path("healthy").asBoolean(false));
  }
}
