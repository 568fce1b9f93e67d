package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;

/**
 * The lock of a deployment, under which its record is kept. It is renewed while it is held, and
 * free a minute after its owner has died. Without an admin path nothing is locked or recorded.
 */
public final class DeploymentLock implements AutoCloseable {
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration RENEWAL = Duration.ofSeconds(15);

  /** For the further commands of a run, which may have to wait for a machine. */
  private static final Duration KEPT = Duration.ofMinutes(15);

  private static final Duration CALL_LIMIT = Duration.ofSeconds(10);

  private final Optional<AdminPath> admin;
  private final UUID token;
  private final Owner owner;
  private final Time time;
  private final Watcher watcher;
  private boolean keep;
  private volatile boolean lost;
  private final Thread renewal;

  public record Owner(String name, String purpose) {}

  public interface Entry {
    void write(AdminPath admin) throws InterruptedException;
  }

  private DeploymentLock(
      Optional<AdminPath> admin, UUID token, Owner owner, Time time, Watcher watcher) {
    this.admin = admin;
    this.token = token;
    this.owner = owner;
    this.time = time;
    this.watcher = watcher;
    this.renewal = Thread.ofVirtual().name("deployment-lock").unstarted(this::renew);
  }

  static DeploymentLock take(Site site, Order.Terms terms, String purpose, Watcher watcher)
      throws InterruptedException {
    try {
      Owner owner = new Owner(terms.who(), purpose);
      return take(site, terms.run(), owner, terms.limits().lock(), watcher);
    } catch (AdminException | DeployException e) {
      boolean locked = e instanceof AdminException taken && taken.kind() == Kind.LOCKED;
      if (locked || !terms.force()) {
        String hint = locked ? "" : ". With --force it goes on without lock and record";
        throw new DeployException(e.getMessage() + hint, e);
      }
      watcher.note("Without lock and record: " + e.getMessage());
      return none(watcher);
    }
  }

  static DeploymentLock take(
      Site site, Optional<String> run, Owner owner, Duration wait, Watcher watcher)
      throws InterruptedException {
    AdminPath admin = site.admin("without it a deployment cannot be locked or recorded");
    UUID token = run.map(id -> id("lock", id)).orElseGet(UUID::randomUUID);
    return take(admin, token, owner, Deadline.in(wait, site.time()), watcher);
  }

  /** Waits for it where somebody else has it; fails as {@link Kind#LOCKED} at the end. */
  public static DeploymentLock take(
      AdminPath admin, UUID token, Owner owner, Deadline wait, Watcher watcher)
      throws InterruptedException {
    DeploymentLock lock =
        new DeploymentLock(Optional.of(admin), token, owner, wait.time(), watcher);
    boolean told = false;
    while (true) {
      try {
        lock.renewNow();
        lock.renewal.start();
        return lock;
      } catch (AdminException e) {
        if (e.kind() != Kind.LOCKED || wait.passed()) {
          throw e;
        }
        if (!told) {
          watcher.note("Waiting: " + e.getMessage());
          told = true;
        }
        wait.sleep(Duration.ofSeconds(1));
      }
    }
  }

  public static DeploymentLock none(Watcher watcher) {
    Owner nobody = new Owner("", "");
    return new DeploymentLock(Optional.empty(), UUID.randomUUID(), nobody, Time.system(), watcher);
  }

  static UUID recordId(String run) {
    return id("release", run);
  }

  private static UUID id(String what, String run) {
    return UUID.nameUUIDFromBytes((what + ":" + run).getBytes(StandardCharsets.UTF_8));
  }

  Deadline limit() {
    return Deadline.in(CALL_LIMIT, time);
  }

  UUID token() {
    return token;
  }

  public void keep(boolean taken) {
    keep = taken;
  }

  public boolean isLost() {
    return lost;
  }

  /** A machine that slept may have let it expire; {@link Kind#LOCKED} where somebody has it. */
  void renewNow() throws InterruptedException {
    extend(LEASE);
  }

  private void extend(Duration lease) throws InterruptedException {
    var _ = admin.orElseThrow().lock(token, owner.name(), owner.purpose(), lease, limit());
  }

  private void renew() {
    try {
      while (!lost) {
        // A lock is held in real time, whatever else is tested with another one.
        TimeUnit.NANOSECONDS.sleep(RENEWAL.toNanos());
        try {
          renewNow();
        } catch (AdminException e) {
          // A renewal that no origin answered is repeated before the lease is over.
          lost = e.kind() == Kind.LOCKED;
        }
      }
    } catch (InterruptedException _) {
      // It is given back.
    }
  }

  /**
   * Writes something down, if anywhere. A deployment does not fail for what cannot be written.
   * Returns a problem if an origin should have kept it, and did not.
   */
  public Optional<String> write(String what, Entry entry) throws InterruptedException {
    if (admin.isEmpty()) {
      return Optional.empty();
    }
    try {
      entry.write(admin.get());
      return Optional.empty();
    } catch (AdminException e) {
      String problem = what + " could not be recorded: " + e.getMessage();
      watcher.note(problem);
      return Optional.of(problem);
    }
  }

  @Override
  public void close() {
    if (admin.isEmpty()) {
      return;
    }
    renewal.interrupt();
    boolean interrupted = Thread.interrupted();
    try {
      renewal.join();
      if (keep) {
        extend(KEPT);
      } else {
        admin.get().unlock(token, limit());
      }
    } catch (AdminException _) {
      // It expires by itself.
    } catch (InterruptedException _) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
