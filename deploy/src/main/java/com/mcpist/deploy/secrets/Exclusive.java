package com.mcpist.deploy.secrets;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminException.Kind;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.HeldLock;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The deployment lock, while secrets change: a deployment restarts the same origins. */
final class Exclusive implements AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final @Nullable HeldLock lock;

  private Exclusive(@Nullable HeldLock lock) {
    this.lock = lock;
  }

  /**
   * Takes it.
   *
   * @param accesses what the origins may know, from the beginning to the end
   * @throws SecretsException where somebody else has it, or where it cannot be had and an origin
   *     serves
   */
  static Exclusive take(
      SecretSite site, List<Access> accesses, Order order, String purpose, Watcher watcher)
      throws SecretsException, InterruptedException {
    Deadline look = Deadline.in(LOOK, site.site().time());
    if (!anyServes(site, look)) {
      watcher.note("No origin answers: without the deployment lock, which they would keep");
      return new Exclusive(null);
    }
    AdminPath admin = site.site().admin().orElseThrow().with(accesses);
    try {
      return new Exclusive(
          HeldLock.take(
              admin,
              UUID.randomUUID(),
              new HeldLock.Owner(order.who(), purpose),
              Deadline.in(order.lock(), site.site().time()),
              watcher::note,
              site.site().time()));
    } catch (AdminException e) {
      if (e.kind() == Kind.LOCKED || !order.force()) {
        String hint = e.kind() == Kind.LOCKED ? "" : ". With --force it goes on without the lock";
        throw new SecretsException(e.getMessage() + hint, e);
      }
      watcher.note("Without the deployment lock: " + e.getMessage());
      return new Exclusive(null);
    }
  }

  private static boolean anyServes(SecretSite site, Deadline deadline) throws InterruptedException {
    for (Target target : site.site().targets()) {
      if (Cover.isHealthyAtLast(target, deadline)) {
        return true;
      }
    }
    return false;
  }

  /**
   * That it is still held.
   *
   * @throws SecretsException where somebody else may have it: nothing more must be changed then
   */
  void check() throws SecretsException {
    if (lock != null && lock.isLost()) {
      throw new SecretsException(
          "the deployment lock is lost: somebody else may be changing the origins. Run it again"
              + " when that is done");
    }
  }

  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }
}
