package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.admin.HeldLock;
import com.mcpist.deploy.time.Deadline;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The lock of a deployment, under which its record is kept; neither, where it does without. */
public record DeploymentLock(@Nullable AdminPath admin, @Nullable HeldLock lock, Watcher watcher)
    implements AutoCloseable {

  public interface Entry {
    void write(AdminPath admin, HeldLock lock) throws InterruptedException;
  }

  static DeploymentLock take(Site site, Order.Terms terms, String purpose, Watcher watcher)
      throws InterruptedException {
    try {
      HeldLock.Owner owner = new HeldLock.Owner(terms.who(), purpose);
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
      Site site, Optional<String> run, HeldLock.Owner owner, Duration wait, Watcher watcher)
      throws InterruptedException {
    AdminPath admin = site.admin("without it a deployment cannot be locked or recorded");
    UUID token = run.map(id -> id("lock", id)).orElseGet(UUID::randomUUID);
    Deadline deadline = Deadline.in(wait, site.time());
    HeldLock lock = HeldLock.take(admin, token, owner, deadline, watcher::note, site.time());
    return new DeploymentLock(admin, lock, watcher);
  }

  static DeploymentLock none(Watcher watcher) {
    return new DeploymentLock(null, null, watcher);
  }

  static UUID recordId(String run) {
    return id("release", run);
  }

  private static UUID id(String what, String run) {
    return UUID.nameUUIDFromBytes((what + ":" + run).getBytes(StandardCharsets.UTF_8));
  }

  public boolean isLost() {
    return lock != null && lock.isLost();
  }

  public void keep(boolean taken) {
    if (lock != null) {
      lock.keep(taken);
    }
  }

  /** Writes something down, if anywhere. A deployment does not fail for what cannot be written. */
  public void write(String what, Entry entry) throws InterruptedException {
    if (admin == null || lock == null) {
      return;
    }
    try {
      entry.write(admin, lock);
    } catch (AdminException e) {
      watcher.note(what + " could not be recorded: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }
}
