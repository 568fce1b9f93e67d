package com.mcpist.edge.monitor;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Calls that wait until an origin is healthy; safe for all threads. */
final class WaitingCalls {
  private final Vertx vertx;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

  WaitingCalls(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Compared by identity. */
  private static final class Waiting {
    private final Context context;
    private final Runnable then;

    Waiting(Context context, Runnable then) {
      this.context = context;
      this.then = then;
    }
  }

  /** Runs it, on the caller's context, at the next {@link #wake} or when the limit is over. */
  void register(Duration limit, Runnable then) {
    Waiting call = new Waiting(vertx.getOrCreateContext(), then);
    waiting.add(call);
    vertx.setTimer(Math.max(1, limit.toMillis()), _ -> wake(call));
  }

  void wake() {
    waiting.forEach(this::wake);
  }

  private void wake(Waiting call) {
    if (waiting.remove(call)) {
      call.context.runOnContext(_ -> call.then.run());
    }
  }
}
