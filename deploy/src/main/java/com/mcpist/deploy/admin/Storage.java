package com.mcpist.deploy.admin;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Who has stored how much.
 *
 * @param users who has stored most first; as many as were asked for
 * @param totalUsers how many have stored something
 */
public record Storage(List<Used> users, long totalUsers) {
  /** As given. */
  public Storage {
    users = List.copyOf(users);
  }

  /**
   * Of a user.
   *
   * @param bytes with what is kept of calls
   */
  public record Used(String user, String plan, long bytes) {}

  static Storage of(JsonNode json) {
    List<Used> users = new ArrayList<>();
    json.path("users")
        .forEach(
            one ->
                users.add(
                    new Used(
                        one.path("user").asString(""),
                        one.path("plan").asString(""),
                        one.path("storedBytes").asLong())));
    return new Storage(users, json.path("totalUsers").asLong(users.size()));
  }
}
