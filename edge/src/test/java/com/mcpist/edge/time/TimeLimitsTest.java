package com.mcpist.edge.time;

import com.mcpist.testkit.Conditions;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimeLimitsTest {
  @Test
  void eachIsCheckedWhateverAnotherThrows() {
    AtomicIntegerArray checks = new AtomicIntegerArray(2);
    Vertx vertx = Vertx.vertx();
    vertx.runOnContext(
        _ -> {
          TimeLimits time = new TimeLimits(vertx, 1);
          for (int i = 0; i < checks.length(); i++) {
            int number = i;
            time.watch(
                _ -> {
                  checks.incrementAndGet(number);
                  throw new IllegalStateException("as if it could not be ended");
                });
          }
        });
    Conditions.await(
        "each is checked, again too",
        () -> IntStream.range(0, checks.length()).allMatch(i -> checks.get(i) > 1));
    vertx.close();
  }
}
