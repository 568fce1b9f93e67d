package com.mcpist.cli.clients;

import com.mcpist.cli.Screen;
import com.mcpist.deploy.admin.Clients.KeyRecord;
import com.mcpist.deploy.admin.Clients.PlanLimits;
import com.mcpist.deploy.admin.Clients.PlanUser;
import com.mcpist.deploy.admin.Clients.Plans;
import com.mcpist.deploy.admin.Clients.Storage;
import com.mcpist.deploy.admin.Clients.StorageUser;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What `keys`, `plans` and `users` show. */
public final class ClientsScreens {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private ClientsScreens() {}

  public static List<Screen> all() {
    return List.of(
        Screen.of("keys list", KeysCommand.ListKeys.text(keys(), NOW)),
        Screen.of("plans list", PlansCommand.ListPlans.text(plans())),
        Screen.of("users list", UsersCommand.ListUsers.text(storage())));
  }

  private static List<KeyRecord> keys() {
    Optional<Instant> made = Optional.of(NOW.minusSeconds(86_400));
    Optional<Instant> end = Optional.of(NOW.plusSeconds(90L * 86_400));
    Optional<Instant> none = Optional.empty();
    return List.of(
        new KeyRecord("1", "laptop", "local", made, none, none, "2c26b46b68ffc68f"),
        new KeyRecord("2", "ci", "build@example.com", made, end, none, "fcde2b2edba56bf4"),
        new KeyRecord("3", "phone", "local", made, none, made, "9f86d081884c7d65"));
  }

  private static Plans plans() {
    return new Plans(
        List.of(
            new PlanLimits("standard", 300, 50, Optional.of(100)),
            new PlanLimits("team", 1200, 100, Optional.of(500))),
        List.of(new PlanUser("alice@example.com", "team")),
        1);
  }

  private static Storage storage() {
    return new Storage(
        List.of(
            new StorageUser("local", "standard", 52_848_230, Optional.empty()),
            new StorageUser("alice@example.com", "team", 0, Optional.of("active"))),
        2);
  }
}
