package com.mcpist.edge.monitor;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Calls that wait until an origin is healthy; safe for all threads. */
final class Waiters {
  private final Vertx vertx;
  private final Set<Waiter> waiting = ConcurrentHashMap.newKeySet();

  Waiters(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Compared by identity. */
  private static final class Waiter {
    private final Context context;
    private final Promise<Void> woken = Promise.promise();

    Waiter(Context context) {
      this.context = context;
    }
  }

  /** Completes, on the caller's context, at the next {@link #wake} or when the limit is over. */
  Future<Void> register(Duration limit) {
    Waiter waiter = new Waiter(vertx.getOrCreateContext());
    waiting.add(waiter);
    long timer = vertx.setTimer(Math.max(1, limit.toMillis()), _ -> wake(waiter));
    return waiter.woken.future().onComplete(_ -> vertx.cancelTimer(timer));
  }

  void wake() {
    for (Waiter waiter : waiting) {
      wake(waiter);
    }
  }

  private void wake(Waiter waiter) {
    if (waiting.remove(waiter)) {
      waiter.context.runOnContext(_ -> waiter.woken.complete());
    }
  }

  int count() {
    return waiting.size();
  }
}
