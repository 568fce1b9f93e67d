package com.mcpist.deploy.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * How many calls users may make, and how much they may store.
 *
 * @param users those that have another plan than the standard one, by name; as many as were asked
 *     for
 * @param totalUsers how many those are
 */
public record Plans(List<Plan> plans, List<Holder> users, long totalUsers) {
  /** As given. */
  public Plans {
    plans = List.copyOf(plans);
    users = List.copyOf(users);
  }

  /**
   * A plan.
   *
   * @param callsPerMinute how many calls an origin takes of a user in a minute
   * @param callsAtOnce how many it works at for a user at the same time
   * @param storageMib how much a user may store, in MiB; empty: as it was, or an origin of before
   *     does not say
   */
  public record Plan(
      String name, int callsPerMinute, int callsAtOnce, Optional<Integer> storageMib) {
    static Plan of(JsonNode json) {
      return new Plan(
          json.path("name").asString(""),
          json.path("callsPerMinute").asInt(),
          json.path("callsAtOnce").asInt(),
          json.has("storageMib") ? Optional.of(json.path("storageMib").asInt()) : Optional.empty());
    }
  }

  /** Who has a plan. */
  public record Holder(String user, String plan) {}

  static Plans of(JsonNode json) {
    List<Plan> plans = new ArrayList<>();
    json.path("plans").forEach(plan -> plans.add(Plan.of(plan)));
    List<Holder> users = new ArrayList<>();
    json.path("users")
        .forEach(
            one ->
                users.add(
                    new Holder(one.path("user").asString(""), one.path("plan").asString(""))));
    return new Plans(plans, users, json.path("totalUsers").asLong(users.size()));
  }
}
