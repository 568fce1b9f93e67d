package com.mcpist.deploy.admin;

import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The deployment lock, renewed while it is held: free a minute after its owner has died. */
public final class HeldLock implements AutoCloseable {
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration RENEWAL = Duration.ofSeconds(15);

  /** For the further commands of a run, which may have to wait for a machine. */
  private static final Duration KEPT = Duration.ofMinutes(15);

  private static final Duration CALL_LIMIT = Duration.ofSeconds(10);

  private final AdminPath admin;
  private final UUID token;
  private final Owner owner;
  private final Time time;
  private boolean keep;
  private volatile boolean lost;
  private final Thread renewal;

  public record Owner(String name, String purpose) {}

  private HeldLock(AdminPath admin, UUID token, Owner owner, Time time) {
    this.admin = admin;
    this.token = token;
    this.owner = owner;
    this.time = time;
    this.renewal = Thread.ofVirtual().name("deployment-lock").unstarted(this::renew);
  }

  /** Waits for it where somebody else has it; fails as {@link Kind#LOCKED} at the end. */
  public static HeldLock take(
      AdminPath admin, UUID token, Owner owner, Deadline wait, Consumer<String> notes, Time time)
      throws InterruptedException {
    HeldLock lock = new HeldLock(admin, token, owner, time);
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
          notes.accept("Waiting: " + e.getMessage());
          told = true;
        }
        wait.sleep(Duration.ofSeconds(1));
      }
    }
  }

  public Deadline limit() {
    return Deadline.in(CALL_LIMIT, time);
  }

  public UUID token() {
    return token;
  }

  public void keep(boolean taken) {
    keep = taken;
  }

  public boolean isLost() {
    return lost;
  }

  /** A machine that slept may have let it expire; {@link Kind#LOCKED} where somebody has it. */
  public void renewNow() throws InterruptedException {
    var _ = admin.lock(token, owner.name(), owner.purpose(), LEASE, limit());
  }

  private void renew() {
    try {
      while (!lost) {
        // A lock is held in real time, whatever else is tested with another one.
        TimeUnit.NANOSECONDS.sleep(RENEWAL.toNanos());
        try {
          renewNow();
        } catch (AdminException e) {
          // What no origin answers is asked again before the lease is over.
          lost = e.kind() == Kind.LOCKED;
        }
      }
    } catch (InterruptedException _) {
      // It is given back.
    }
  }

  @Override
  public void close() {
    renewal.interrupt();
    boolean interrupted = Thread.interrupted();
    try {
      renewal.join();
      if (keep) {
        var _ = admin.lock(token, owner.name(), owner.purpose(), KEPT, limit());
      } else {
        admin.unlock(token, limit());
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
