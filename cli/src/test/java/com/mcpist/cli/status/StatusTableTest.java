package com.mcpist.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.console.Terminal;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.pair.control.PairStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatusTableTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Terminal PLAIN = new Terminal(false, false, false);

  @Test
  void theColumnsAreAlignedAndTheFailureHasItsAge() {
    String text =
        render(
            new PairStatus.Origin("koyeb-primary", "u", null, "unhealthy", false, null, at(95)),
            new PairStatus.Origin("flyio-standby", "u", 12L, "healthy", true, "abc", null));

    assertThat(text)
        .isEqualTo(
            """
            Edge      http://127.0.0.1:8080/mcp (pid 7)
            Status    http://127.0.0.1:8080/status
            Database  postgres://postgres@127.0.0.1:1/postgres

               ORIGIN         STATE      RELEASE  PID
               koyeb-primary  unhealthy  -        -
            >  flyio-standby  healthy    abc      12
            > marks the origin that serves.

            edge has not answered for 4 s.
            one: its database is read-only.

            Last failure of koyeb-primary, 95 s ago: connection refused.

            Last failover, of koyeb-primary, 95 s ago: flyio-standby served 7 s, 3 calls
              replayed, longest wait 1.2 s, 0 failed.
            """);
  }

  @Test
  void agesAreInTheUnitThatFits() {
    assertThat(withFailure(at(119))).contains("119 s ago");
    assertThat(withFailure(at(120))).contains("2 min ago");
    assertThat(withFailure(at(7200))).contains("2 h ago");
    assertThat(withFailure(at(-3))).contains("0 s ago");
    assertThat(withFailure(new PairStatus.LastFailure("once", "silent")))
        .contains("Last failure of one, at once: silent.");
  }

  private static String withFailure(PairStatus.@Nullable LastFailure failure) {
    return render(new PairStatus.Origin("one", "u", 1L, "suspect", true, "r", failure));
  }

  private static PairStatus.LastFailure at(long secondsAgo) {
    return new PairStatus.LastFailure(
        NOW.minusSeconds(secondsAgo).toString(), "connection refused");
  }

  private static String render(PairStatus.Origin... origins) {
    PairStatus status =
        new PairStatus(
            new PairStatus.Edge("http://127.0.0.1:8080/mcp", 7L),
            List.of(origins),
            new PairStatus.Database("postgres://postgres@127.0.0.1:1/postgres"),
            List.of("edge has not answered for 4 s", "one: its database is read-only"),
            new Event(
                new UUID(1, 1),
                "failover",
                Optional.of("koyeb-primary"),
                "flyio-standby served 7 s, 3 calls replayed, longest wait 1.2 s, 0 failed",
                Optional.of(NOW.minusSeconds(95)),
                Optional.of(NOW.minusSeconds(88)),
                false,
                Map.of()));
    return Status.table(status, NOW, PLAIN);
  }
}
