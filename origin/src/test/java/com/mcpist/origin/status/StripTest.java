package com.mcpist.origin.status;

import static com.mcpist.origin.status.Strip.Cell.HEALTHY;
import static com.mcpist.origin.status.Strip.Cell.UNHEALTHY;
import static com.mcpist.origin.status.Strip.Cell.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.status.History.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StripTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Instant NOON = Instant.parse("2027-01-31T12:00:00Z");

  /** Of four hours, the last of which is half over. */
  private static Strip strip(@Nullable Instant first, Outage... outages) {
    return Strip.of(List.of(outages), first, NOON.minus(Duration.ofMinutes(30)), HOUR, 4);
  }

  private static Outage outage(int minutesBeforeNoon, int minutes) {
    Instant from = NOON.minus(Duration.ofMinutes(minutesBeforeNoon));
    return new Outage("a", from, from.plus(Duration.ofMinutes(minutes)));
  }

  @Test
  void anOutageIsInEachCellThatItTouches() {
    Strip strip = strip(NOON.minus(HOUR.multipliedBy(9)), outage(130, 20), outage(300, 30));

    assertThat(strip.cells()).containsExactly(HEALTHY, UNHEALTHY, UNHEALTHY, HEALTHY);
    assertThat(strip.outages()).as("of this time").isEqualTo(1);
    assertThat(strip.percent()).isEqualTo("90.47");
  }

  @Test
  void beforeTheFirstEventNothingIsKnown() {
    Strip strip = strip(NOON.minus(Duration.ofMinutes(90)));

    assertThat(strip.cells()).containsExactly(UNKNOWN, UNKNOWN, HEALTHY, HEALTHY);
    assertThat(strip.percent()).isEqualTo("100");
    assertThat(strip(null).cells()).containsOnly(UNKNOWN).hasSize(4);
    assertThat(strip(null).percent()).isNull();
  }

  @Test
  void aMomentIsNotRoundedAway() {
    Instant from = NOON.minus(HOUR);
    Strip strip =
        strip(NOON.minus(HOUR.multipliedBy(4)), new Outage("a", from, from.plusMillis(5)));

    assertThat(strip.percent()).isEqualTo("99.99");
  }
}
