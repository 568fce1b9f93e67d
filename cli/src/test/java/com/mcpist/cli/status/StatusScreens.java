package com.mcpist.cli.status;

import com.mcpist.cli.Screen;
import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.admin.AdminPath.LockHolder;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Seen;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.verify.OriginClient.Health;
import com.mcpist.pair.control.PairStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What `status` shows. */
public final class StatusScreens {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  private static final String RELEASE = "a6eeb9e0-20261128T093000Z";

  private StatusScreens() {}

  public static List<Screen> all() {
    return List.of(
        Screen.of("status", Status.table(pair(), NOW, Screen.TERMINAL)),
        Screen.of(
            "status --watch",
            Watch.View.of("{}", events(), Status.table(pair(), NOW, Screen.TERMINAL)).text()),
        Screen.of("status   # on platforms", platforms().text(Screen.TERMINAL)));
  }

  private static Event event(String kind, String message, int minutes) {
    Optional<Instant> at = Optional.of(NOW.minusSeconds(60L * minutes));
    Optional<String> origin = Optional.of("koyeb-primary");
    return new Event(new UUID(1, minutes), kind, origin, message, at, at, false, Map.of());
  }

  private static List<Event> events() {
    return List.of(
        event(
            "failover",
            "flyio-standby served 7 s, 3 calls replayed, longest wait 1.2 s, 0 failed",
            2),
        event("death", "koyeb-primary died (killed, signal 9)", 2));
  }

  private static PairStatus pair() {
    PairStatus.LastFailure failure =
        new PairStatus.LastFailure(
            NOW.minusSeconds(95).toString(), "a call was cut off (Connection was closed)");
    return new PairStatus(
        new PairStatus.Edge("http://127.0.0.1:8080/mcp", 41_230L),
        List.of(
            origin("koyeb-primary", "unhealthy", false, failure),
            origin("flyio-standby", "healthy", true, null)),
        new PairStatus.Database("postgres://mcpist@127.0.0.1:39121/postgres"),
        List.of("koyeb-primary: its database has not answered for 4 s, and calls wait for it"),
        events().getFirst());
  }

  private static PairStatus.Origin origin(
      String name, String state, boolean active, PairStatus.@Nullable LastFailure failure) {
    return new PairStatus.Origin(
        name, "http://127.0.0.1:4000", active ? 41_188L : 41_201L, state, active, RELEASE, failure);
  }

  private static Health health(boolean good, String problem) {
    return new Health(
        good ? 200 : 0,
        good,
        good ? "1.4" : "",
        good ? "sha256:" + "2c26b46b68ff".repeat(5) : "",
        "",
        "",
        problem,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of());
  }

  private static Status.Production platforms() {
    return new Status.Production(
        "https://mcp.example.com/mcp",
        Optional.of(
            new CloudflareSite.Serving(
                Optional.of(new WorkerVersion("8f3a91c2-6c3d", 12, "1.4", "", false)), "")),
        List.of(
            new Status.Production.Row("koyeb-primary", "", "koyeb", "HEALTHY", health(true, "")),
            new Status.Production.Row(
                "flyio-standby", "", "fly", "started", health(false, "no answer within 5 s"))),
        Optional.of(
            new EdgeStatus(
                List.of(
                    new Seen("koyeb-primary", "healthy", true, "1.4", Optional.empty()),
                    new Seen("flyio-standby", "unhealthy", false, "1.4", Optional.empty())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of())),
        Optional.<LockHolder>empty(),
        Optional.empty());
  }
}
