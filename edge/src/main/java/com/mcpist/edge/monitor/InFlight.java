package com.mcpist.edge.monitor;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The calls in flight at one origin; safe for all threads. */
final class InFlight {
  private final Vertx vertx;
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();

  InFlight(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Compared by identity: two calls are never the same. */
  private static final class Call {
    private final Context context;
    private final Runnable onLost;
    private final AtomicBoolean over = new AtomicBoolean();

    Call(Context context, Runnable onLost) {
      this.context = context;
      this.onLost = onLost;
    }
  }

  Runnable register(Runnable onLost) {
    Call call = new Call(vertx.getOrCreateContext(), onLost);
    calls.add(call);
    return () -> {
      call.over.set(true);
      calls.remove(call);
    };
  }

  /** Tells every call, on its own context, that its origin is lost; returns how many. */
  int giveUp() {
    int given = 0;
    for (Call call : List.copyOf(calls)) {
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

  int count() {
    return calls.size();
  }
}
