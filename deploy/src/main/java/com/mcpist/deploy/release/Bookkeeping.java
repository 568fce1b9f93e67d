package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminException.Kind;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.HeldLock;
import com.mcpist.deploy.admin.ReleaseRecord;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The lock and the record of one deployment; neither, where it goes on without. */
final class Bookkeeping implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int LATEST = 20;

  private final @Nullable AdminPath admin;
  private final @Nullable HeldLock lock;
  private final Time time;
  private final boolean shared;
  private ReleaseRecord record;

  private Bookkeeping(
      @Nullable AdminPath admin,
      @Nullable HeldLock lock,
      ReleaseRecord record,
      boolean shared,
      Time time) {
    this.admin = admin;
    this.shared = shared;
    this.lock = lock;
    this.record = record;
    this.time = time;
  }

  /**
   * Takes the lock.
   *
   * @throws DeployException where that cannot be, and the order does not go on without
   */
  static Bookkeeping open(Site site, Order order, Watcher watcher)
      throws DeployException, InterruptedException {
    Time time = site.time();
    ReleaseRecord record = begun(order);
    try {
      if (site.admin().isEmpty()) {
        throw new DeployException(
            "ADMIN_TOKEN is not set: without it a deployment cannot be locked or recorded");
      }
      AdminPath admin = site.admin().get();
      HeldLock lock = lock(admin, order, watcher, time);
      endBrokenOff(admin, lock, record, watcher);
      return new Bookkeeping(admin, lock, record, order.run().isPresent(), time);
    } catch (AdminException | DeployException e) {
      boolean locked = e instanceof AdminException admin && admin.kind() == Kind.LOCKED;
      if (locked || !order.force()) {
        String hint = locked ? "" : ". With --force it goes on without lock and record";
        throw new DeployException(e.getMessage() + hint, e);
      }
      watcher.note("Without lock and record: " + e.getMessage());
      return new Bookkeeping(null, null, record, false, time);
    }
  }

  private static ReleaseRecord begun(Order order) {
    return new ReleaseRecord(
        order.run().map(Runs::release).orElseGet(UUID::randomUUID),
        order.action(),
        order.image().toString(),
        order.digest(),
        order.release(),
        order.strategy().label(),
        order.who(),
        State.RUNNING,
        "",
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static HeldLock lock(AdminPath admin, Order order, Watcher watcher, Time time)
      throws AdminException, InterruptedException {
    return HeldLock.take(
        admin,
        order.run().map(Runs::lock).orElseGet(UUID::randomUUID),
        new HeldLock.Owner(order.who(), order.told()),
        Deadline.in(order.limits().lock(), time),
        watcher::note,
        time);
  }

  /** Whose lock is held now has no deployer any more, whatever its record says. */
  private static void endBrokenOff(
      AdminPath admin, HeldLock lock, ReleaseRecord own, Watcher watcher)
      throws InterruptedException {
    try {
      for (ReleaseRecord kept : admin.releases(LATEST, lock.limit())) {
        if (kept.state() == State.RUNNING && !kept.id().equals(own.id())) {
          ReleaseRecord ended = admin.keep(kept.withoutDeployer(), lock.token(), lock.limit());
          watcher.note("The deployment of " + ended.release() + " before: " + ended.detail());
        }
      }
    } catch (AdminException e) {
      watcher.note("What broke off before could not be recorded: " + e.getMessage());
    }
  }

  /** Whether somebody else may be deploying by now: nothing more may be changed then. */
  boolean isLost() {
    return lock != null && lock.isLost();
  }

  /**
   * Says whether another command of the same run goes on with this deployment: it is to find the
   * lock taken.
   */
  void goesOn(boolean more) {
    if (lock != null) {
      lock.keep(more);
    }
  }

  /** Writes down how it stands. A deployment does not fail for what cannot be written. */
  void keep(State state, String detail, List<Rolled> origins, Watcher watcher)
      throws InterruptedException {
    List<ReleaseRecord.Part> own = origins.stream().map(Rolled::part).toList();
    if (admin == null || lock == null) {
      return;
    }
    try {
      lock.renewNow();
      List<ReleaseRecord.Part> all = shared ? merged(admin, own) : own;
      record = admin.keep(record.with(state, detail, all), lock.token(), Deadline.in(LIMIT, time));
    } catch (AdminException e) {
      watcher.note("This could not be recorded: " + e.getMessage());
    }
  }

  /** With what the other commands of the run have written down. */
  private List<ReleaseRecord.Part> merged(AdminPath from, List<ReleaseRecord.Part> own)
      throws AdminException, InterruptedException {
    Map<String, ReleaseRecord.Part> parts = new LinkedHashMap<>();
    from.releases(LATEST, Deadline.in(LIMIT, time)).stream()
        .filter(kept -> kept.id().equals(record.id()))
        .flatMap(kept -> kept.origins().stream())
        .forEach(part -> parts.put(part.name(), part));
    own.forEach(part -> parts.put(part.name(), part));
    return List.copyOf(parts.values());
  }

  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }
}
