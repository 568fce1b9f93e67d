package com.mcpist.origin.http;

import io.vertx.core.Context;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the listener is busy with, and whether it is on its way out. Confined to the event loop, but
 * for {@link #draining()}.
 */
final class InFlight {
  /** A call that is being answered, or a subscription. */
  interface Answering {
    /** A few times a second, by {@link System#nanoTime}. */
    void tick(long now);

    /** Ends a subscription, since this origin stops. */
    void bidFarewell();
  }

  interface Beating {
    void end();
  }

  /**
   * How long a drain waits for connections without a call: a client learns of it from its next
   * response, an edge within a heartbeat's tick, and this allows for four.
   */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Context loop;
  private final Set<Answering> calls = new LinkedHashSet<>();
  private final Set<Answering> subscriptions = new HashSet<>();
  private final Set<Beating> heartbeats = new HashSet<>();
  private @Nullable CompletableFuture<Void> drained;
  private long drainingSince;
  private volatile boolean draining;

  InFlight(Context loop) {
    this.loop = loop;
  }

  boolean draining() {
    return draining;
  }

  void add(Answering call) {
    calls.add(call);
  }

  void remove(Answering call) {
    calls.remove(call);
    subscriptions.remove(call);
  }

  /** A subscription is no call: a drain ends it instead of waiting for it. */
  void hold(Answering subscription) {
    calls.remove(subscription);
    subscriptions.add(subscription);
  }

  void add(Beating heartbeat) {
    heartbeats.add(heartbeat);
  }

  void remove(Beating heartbeat) {
    heartbeats.remove(heartbeat);
  }

  /**
   * A few times a second: silent calls speak, and a drain is seen to be over. While there are
   * connections, a request may be on its way.
   */
  void tick(boolean connected) {
    long now = System.nanoTime();
    Stream.concat(calls.stream(), subscriptions.stream()).toList().forEach(a -> a.tick(now));
    boolean heard = !connected || now - drainingSince > GRACE_NANOS;
    if (drained != null && calls.isEmpty() && subscriptions.isEmpty() && heard) {
      heartbeats.forEach(Beating::end);
      drained.complete(null);
    }
  }

  /** Completes when the last call has been answered. Called from any thread. */
  CompletableFuture<Void> drain() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.runOnContext(
        v -> {
          draining = true;
          drainingSince = System.nanoTime();
          drained = done;
          List.copyOf(subscriptions).forEach(Answering::bidFarewell);
        });
    return done;
  }
}
