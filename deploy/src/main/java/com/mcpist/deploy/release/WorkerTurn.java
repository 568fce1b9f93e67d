package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminException.Kind;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.admin.HeldLock;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The deployment lock while the Worker is changed, and what is written down of it; neither, where
 * it goes on without. The Worker's own history is Cloudflare's: here is only that it was changed.
 */
final class WorkerTurn implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String KIND = "worker";

  private final @Nullable AdminPath admin;
  private final @Nullable HeldLock lock;
  private final Time time;

  private WorkerTurn(@Nullable AdminPath admin, @Nullable HeldLock lock, Time time) {
    this.admin = admin;
    this.lock = lock;
    this.time = time;
  }

  /**
   * Takes the lock.
   *
   * @param purpose what for, as a person reads it
   * @throws DeployException where that cannot be, and the order does not go on without
   */
  static WorkerTurn take(Site site, WorkerOrder order, String purpose, Watcher watcher)
      throws DeployException, InterruptedException {
    Time time = site.time();
    try {
      AdminPath admin =
          site.admin()
              .orElseThrow(
                  () ->
                      new DeployException(
                          "ADMIN_TOKEN is not set: without it a deployment cannot be locked"));
      UUID token = order.run().map(Runs::lock).orElseGet(UUID::randomUUID);
      HeldLock.Owner owner = new HeldLock.Owner(order.who(), purpose);
      Deadline wait = Deadline.in(order.limits().lock(), time);
      return new WorkerTurn(
          admin, HeldLock.take(admin, token, owner, wait, watcher::note, time), time);
    } catch (AdminException | DeployException e) {
      boolean locked = e instanceof AdminException taken && taken.kind() == Kind.LOCKED;
      if (locked || !order.force()) {
        String hint = locked ? "" : ". With --force it goes on without lock";
        throw new DeployException(e.getMessage() + hint, e);
      }
      watcher.note("Without lock: " + e.getMessage());
      return new WorkerTurn(null, null, time);
    }
  }

  /** Another command of the same run is to find the lock taken. */
  void goesOn() {
    if (lock != null) {
      lock.keep(true);
    }
  }

  /** Writes down what has happened. The Worker does not fail for what cannot be written. */
  void keep(String message, Watcher watcher) throws InterruptedException {
    if (admin == null) {
      return;
    }
    try {
      Event event = new Event(KIND, Optional.empty(), message, Optional.empty());
      admin.keep(event, Deadline.in(LIMIT, time));
    } catch (AdminException e) {
      watcher.note("This could not be recorded: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }
}
