package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origins;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The calls in flight at one origin; safe for all threads. */
final class InFlightCalls {
  private final Vertx vertx;
  private final Set<Registered> calls = ConcurrentHashMap.newKeySet();

  InFlightCalls(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Compared by identity: two calls are never the same. */
  private final class Registered implements Origins.InFlight {
    private final Context context;
    private final Runnable onLost;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean replaced;

    Registered(Context context, Runnable onLost) {
      this.context = context;
      this.onLost = onLost;
    }

    @Override
    public void over() {
      over.set(true);
      calls.remove(this);
    }

    @Override
    public boolean replaced() {
      return replaced;
    }
  }

  Origins.InFlight register(Runnable onLost) {
    Registered call = new Registered(vertx.getOrCreateContext(), onLost);
    calls.add(call);
    return call;
  }

  /**
   * Another process has taken the place of the one that these calls are at: they stay with theirs,
   * and no heartbeat speaks for that any more. Returns how many.
   */
  int replaced() {
    int left = 0;
    for (Registered call : List.copyOf(calls)) {
      if (calls.remove(call)) {
        left++;
        call.replaced = true;
      }
    }
    return left;
  }

  /** Tells every call, on its own context, that its origin is lost; returns how many. */
  int giveUp() {
    int given = 0;
    for (Registered call : List.copyOf(calls)) {
      if (calls.remove(call)) {
        given++;
        call.context.runOnContext(
            _ -> {
              if (!call.over.getAndSet(true)) {
                call.onLost.run();
              }
            });
      }
    }
    return given;
  }
}
