package com.mcpist.deploy.platform.fly;

import module java.base;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Rollout.HealthWait;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.fly.FlyApi.Lease;
import com.mcpist.deploy.platform.fly.FlyApi.Machine;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;

/** Updates machines in turn, each when the one before is healthy; each is out while it starts. */
record FlyRollout(
    FlyApi api,
    Leases leases,
    UnaryOperator<Machine.Config> change,
    List<String> machines,
    Map<String, String> instances,
    boolean unchanged)
    implements Rollout {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /** One wait on Fly.io's side: leases are prolonged between two. */
  private static final Duration WAIT = Duration.ofSeconds(20);

  /** While the instance before is stopped for the new one, a machine is stopped for a while. */
  private static final int WAITS = 3;

  static FlyRollout of(
      FlyApi api,
      Leases leases,
      List<Machine> machines,
      List<Machine> needed,
      UnaryOperator<Machine.Config> change) {
    Map<String, String> instances = new LinkedHashMap<>();
    machines.stream()
        .filter(machine -> !needed.contains(machine))
        .forEach(machine -> instances.put(machine.id(), machine.instance()));
    List<String> ids = machines.stream().map(Machine::id).toList();
    return new FlyRollout(api, leases, change, ids, instances, needed.isEmpty());
  }

  /** Takes all leases, so that two rollouts meet before they change anything, and begins. */
  void begin(Deadline deadline) throws InterruptedException {
    List<String> needed = machines.stream().filter(id -> !instances.containsKey(id)).toList();
    for (String id : needed) {
      leases.take(id, deadline);
    }
    if (!needed.isEmpty()) {
      update(needed.getFirst(), deadline);
    }
  }

  @Override
  public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
      throws InterruptedException {
    List<Machine> healthy = new ArrayList<>();
    for (String id : machines) {
      if (!instances.containsKey(id)) {
        update(id, deadline);
      }
      healthy.add(awaitHealthy(id, observer, deadline));
      // Also where it was healthy before: an earlier run may have ended in between.
      api.route("uncordon", id, leases.nonce(id), deadline);
    }
    return Selection.release(healthy);
  }

  private Machine awaitHealthy(String id, Consumer<Step> observer, Deadline deadline)
      throws InterruptedException {
    Watch watch = new Watch(id, String.valueOf(instances.get(id)), deadline);
    return new HealthWait(FlyApi.NAME, observer, deadline, INTERVAL)
        .until(watch::look, machine -> machine.step(watch.settled()));
  }

  private void update(String id, Deadline deadline) throws InterruptedException {
    leases.prolong(deadline);
    Machine before = api.machine(id, deadline);
    // Where others can serve, it gets no new requests while it is restarted.
    boolean cordoned = machines.size() > 1;
    if (cordoned) {
      api.route("cordon", id, leases.nonce(id), deadline);
    }
    try {
      instances.put(id, update(before, deadline).instance());
    } catch (PlatformException e) {
      if (cordoned) {
        openAgain(id, deadline);
      }
      throw e;
    }
  }

  /** Where nobody knows whether it has acted, a new instance tells. */
  private Machine update(Machine before, Deadline deadline) throws InterruptedException {
    leases.check();
    String nonce = leases.nonce(before.id()).orElse("");
    return api.calls()
        .once(
            () -> api.update(before, change.apply(before.config()), nonce, deadline),
            () ->
                Optional.of(api.machine(before.id(), deadline))
                    .filter(now -> !now.instance().equals(before.instance())),
            deadline);
  }

  private void openAgain(String id, Deadline deadline) throws InterruptedException {
    try {
      api.route("uncordon", id, leases.nonce(id), deadline);
    } catch (PlatformException _) {
      // What went wrong before is what matters; the next deployment opens it.
    }
  }

  @Override
  public void close() {
    leases.close();
  }

  /** Looks at a machine that starts. Until it has, Fly.io is asked to answer as soon as it does. */
  private final class Watch {
    private final String id;
    private final String instance;
    private final Deadline deadline;
    private int waits;

    Watch(String id, String instance, Deadline deadline) {
      this.id = id;
      this.instance = instance;
      this.deadline = deadline;
    }

    Machine look() throws InterruptedException {
      leases.prolong(deadline);
      if (!settled()) {
        boolean started = api.awaitStarted(id, instance, deadline.atMost(WAIT), deadline);
        waits = started ? WAITS : waits + 1;
      }
      Machine machine = api.machine(id, deadline);
      if (!machine.instance().equals(instance)) {
        throw new PlatformException(
            Kind.CONFLICT,
            FlyApi.NAME,
            "wait for machine " + id,
            "somebody else has changed it meanwhile",
            "Let one of you finish first, and run it again");
      }
      return machine;
    }

    boolean settled() {
      return waits >= WAITS;
    }
  }

  /** Leases end on close and when a signal stops the program; should it be killed, they expire. */
  static final class Leases implements AutoCloseable {
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

    void take(String machine, Deadline deadline) throws InterruptedException {
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
        throws InterruptedException {
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
          FlyApi.NAME,
          "lease machine " + machine,
          "it is " + there.map(Lease::told).orElse("leased by somebody"),
          ("Wait until then and run it again. If nobody is at it any more: `fly machine leases"
                  + " clear %s --app %s`")
              .formatted(machine, api.app()));
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

    void prolong(Deadline deadline) throws InterruptedException {
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

    /** On threads of its own: the caller's may be interrupted, which would end every call. */
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
}
