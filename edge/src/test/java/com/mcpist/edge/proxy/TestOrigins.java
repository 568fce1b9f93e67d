package com.mcpist.edge.proxy;

import com.mcpist.testkit.FaultServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A pool with no monitor: an origin is healthy until an attempt fails, and again when one succeeds
 * or the test says so.
 */
final class TestOrigins implements Origins {
  /** What an attempt told of an origin. */
  record Told(String origin, Failure failure) {}

  final List<Told> failures = new CopyOnWriteArrayList<>();
  final Set<InFlight> inFlight = ConcurrentHashMap.newKeySet();
  private final Vertx vertx;
  private final List<Origin> all;
  private final Set<String> unhealthy = ConcurrentHashMap.newKeySet();

  TestOrigins(Vertx vertx, FaultServer... servers) {
    this.vertx = vertx;
    this.all =
        java.util.stream.IntStream.range(0, servers.length)
            .mapToObj(i -> new Origin("origin-" + (i + 1), URI.create(servers[i].url())))
            .toList();
  }

  @Override
  public Optional<Origin> choose(Set<String> tried) {
    return all.stream()
        .filter(origin -> !unhealthy.contains(origin.name()) && !tried.contains(origin.name()))
        .findFirst();
  }

  @Override
  public Iterable<Origin> inOrder() {
    return all;
  }

  @Override
  public Future<Void> awaitHealthy(Duration limit) {
    return vertx.timer(limit.toMillis(), TimeUnit.MILLISECONDS).mapEmpty();
  }

  @Override
  public void failed(Origin origin, Failure failure, String detail) {
    failures.add(new Told(origin.name(), failure));
    unhealthy.add(origin.name());
  }

  @Override
  public void succeeded(Origin origin) {
    unhealthy.remove(origin.name());
  }

  @Override
  public Flight inFlight(Origin origin, Runnable onLost) {
    InFlight call = new InFlight(vertx.getOrCreateContext(), onLost);
    inFlight.add(call);
    return call;
  }

  /** As when the heartbeat stops: all calls in flight are given up. */
  void lose() {
    inFlight.forEach(InFlight::lose);
  }

  /** As when another process is there: calls in flight are the old one's. */
  void replace() {
    inFlight.forEach(call -> call.replaced = true);
  }

  /** A call in flight, compared by identity. */
  final class InFlight implements Flight {
    private final Context context;
    private final Runnable onLost;
    private volatile boolean replaced;

    InFlight(Context context, Runnable onLost) {
      this.context = context;
      this.onLost = onLost;
    }

    void lose() {
      context.runOnContext(now -> onLost.run());
    }

    @Override
    public void over() {
      inFlight.remove(this);
    }

    @Override
    public boolean replaced() {
      return replaced;
    }
  }
}
