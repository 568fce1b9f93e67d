package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.fly.FlyApi.Lease;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The leases of one rollout. They are released when it is closed and when the program is stopped by
 * a signal; should it be killed, they expire.
 */
final class Leases implements AutoCloseable {
  /** Long enough for a slow call between two prolongations, short enough to wait for. */
  private static final Duration LENGTH = Duration.ofSeconds(90);

  private static final Duration PROLONG_AFTER = Duration.ofSeconds(30);
  private static final Duration RELEASE_LIMIT = Duration.ofSeconds(10);

  private final FlyApi api;
  private final Time time;
  private final String description;

  /** The machines' nonces; empty from the call until its answer: the lease may be ours then. */
  private final Map<String, Optional<String>> nonces = new ConcurrentHashMap<>();

  /** What gives leases back at the moment, for this thread or for another. */
  private final Set<Thread> releasing = ConcurrentHashMap.newKeySet();

  private final Thread onSignal = Thread.ofPlatform().unstarted(this::release);
  private volatile boolean closed;
  private Instant prolonged;

  Leases(FlyApi api, Time time, String who) {
    this.api = api;
    this.time = time;
    this.prolonged = time.now();
    // By the last part this rollout knows a lease as its own.
    this.description = who + ", " + UUID.randomUUID();
    try {
      Runtime.getRuntime().addShutdownHook(onSignal);
    } catch (IllegalStateException _) {
      // The program is being stopped already.
      closed = true;
    }
  }

  void take(String machine, Deadline deadline) throws PlatformException, InterruptedException {
    check();
    nonces.put(machine, Optional.empty());
    Lease lease;
    try {
      lease = api.lease(machine, description, LENGTH, Optional.empty(), deadline);
    } catch (ApiException e) {
      lease = found(machine, e, deadline);
    }
    nonces.put(machine, Optional.of(lease.nonce()));
    if (closed) {
      release();
      check();
    }
  }

  /** The answer may be lost and the lease ours; or it is somebody else's. */
  private Lease found(String machine, ApiException e, Deadline deadline)
      throws PlatformException, InterruptedException {
    boolean taken = e.status() == 409;
    if (!taken && !e.mayHaveActed()) {
      nonces.remove(machine);
      throw api.calls().errors().of(e);
    }
    Optional<Lease> there = api.lease(machine, deadline);
    Optional<Lease> ours = there.filter(this::isOurs);
    if (ours.isEmpty()) {
      nonces.remove(machine);
      throw taken ? held(machine, there) : api.calls().errors().notActed(e);
    }
    return ours.get();
  }

  private boolean isOurs(Lease lease) {
    return lease.description().equals(description);
  }

  private PlatformException held(String machine, Optional<Lease> there) {
    return new PlatformException(
        Kind.CONFLICT,
        FlyPlatform.NAME,
        "lease machine " + machine,
        "it is " + there.map(Lease::told).orElse("leased by somebody"),
        "Wait until then and run it again. If nobody is at it any more: `fly machine leases clear "
            + machine
            + " --app "
            + api.app()
            + "`");
  }

  Optional<String> nonce(String machine) {
    return nonces.getOrDefault(machine, Optional.empty());
  }

  /** Before every change: after a signal nothing more is begun. */
  void check() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("the program is being stopped");
    }
  }

  void prolong(Deadline deadline) throws PlatformException, InterruptedException {
    check();
    if (Duration.between(prolonged, time.now()).compareTo(PROLONG_AFTER) < 0) {
      return;
    }
    prolonged = time.now();
    for (Map.Entry<String, Optional<String>> held : Map.copyOf(nonces).entrySet()) {
      try {
        var _ = api.lease(held.getKey(), description, LENGTH, held.getValue(), deadline);
      } catch (ApiException e) {
        // The next time is early enough, unless somebody else has it.
        if (e.status() == 409) {
          throw held(held.getKey(), api.lease(held.getKey(), deadline));
        }
      }
    }
  }

  @Override
  public void close() {
    // In this order: a signal in between must find the hook, which waits for what goes on here.
    release();
    try {
      Runtime.getRuntime().removeShutdownHook(onSignal);
    } catch (IllegalStateException _) {
      // The program is being stopped.
    }
  }

  /** On threads of its own: the caller's may be interrupted, which would end every call at once. */
  private void release() {
    closed = true;
    for (String machine : Set.copyOf(nonces.keySet())) {
      Optional.ofNullable(nonces.remove(machine))
          .map(nonce -> Thread.ofVirtual().start(() -> release(machine, nonce)))
          .ifPresent(releasing::add);
    }
    Set<Thread> ending = Set.copyOf(releasing);
    Rollout.awaitAll(ending);
    releasing.removeAll(ending);
  }

  private void release(String machine, Optional<String> known) {
    try {
      Optional<String> nonce = known;
      if (nonce.isEmpty()) {
        nonce =
            api.lease(machine, Deadline.in(RELEASE_LIMIT, time))
                .filter(this::isOurs)
                .map(Lease::nonce);
      }
      if (nonce.isPresent()) {
        api.release(machine, nonce.get(), Deadline.in(RELEASE_LIMIT, time));
      }
    } catch (PlatformException | InterruptedException _) {
      // It expires by itself; what went wrong before is what matters.
    }
  }
}
