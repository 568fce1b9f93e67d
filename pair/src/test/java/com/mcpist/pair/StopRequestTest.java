package com.mcpist.pair;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StopRequestTest {
  private final StopRequest stop = new StopRequest();

  @AfterEach
  void clear() {
    var _ = Thread.interrupted();
  }

  @Test
  void whoStartsIsInterrupted() {
    stop.beginStart();

    stop.make();

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  @Test
  void whoStartsAfterItIsInterruptedToo() {
    stop.make();

    stop.beginStart();

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  @Test
  void whoStopsIsNotInterruptedByAnEarlierOne() {
    stop.beginStart();
    stop.make();

    stop.endStart();

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void whoStopsIsNotInterruptedByALaterOne() throws Exception {
    stop.beginStart();
    stop.endStart();

    stop.make();

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    stop.await();
  }
}
