package com.mcpist.edge.time;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.mcpist.testkit.MutableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class MonotonicClockTest {
  private final MutableClock wall = MutableClock.create();
  private final MutableClock elapsed = MutableClock.create();
  private final MonotonicClock clock = new MonotonicClock(wall, elapsed::nanoTime);

  @Test
  void beginsWithTheMachinesTime() {
    clock.tell(0);
    assertThat(clock.millis()).isEqualTo(wall.millis());
    assertThat(clock.skewMillis()).isNull();
  }

  @Test
  void goesOnByElapsedTimeWhateverBecomesOfTheMachinesClock() {
    clock.tell(1_000_000);
    elapsed.advance(Duration.ofSeconds(5));
    wall.advance(Duration.ofHours(1));
    assertThat(clock.millis()).isEqualTo(1_005_000);
    clock.tell(1_004_000);
    assertThat(clock.millis()).as("the newest counts").isEqualTo(1_004_000);
  }

  @Test
  void warnsOnceEachTimeThatTheMachinesClockIsFarOff() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(MonotonicClock.class);
    logger.addAppender(log);
    try {
      long now = wall.millis();
      for (long skew : new long[] {30_000, 30_001, 40_000, 0, -30_001}) {
        clock.tell(now - skew);
        assertThat(clock.skewMillis()).isEqualTo(skew);
      }
      assertThat(log.list)
          .extracting(event -> event.getArgumentArray()[0])
          .containsExactly(30_001L, -30_001L);
    } finally {
      logger.detachAppender(log);
    }
  }
}
