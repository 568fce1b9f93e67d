package com.mcpist.origin.mount;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mount.client.Hello;
import com.mcpist.origin.mount.client.MountConfig.Entry;
import com.mcpist.origin.mount.client.MountException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps a mounted server running, and looks at its lists when it has started, and when it says that
 * they have changed. Users' copies are started by their users; one of them is started for its
 * lists.
 */
final class Keeper implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

  /** Starts together, so that the origin's own start is not held up by them. */
  private static final Semaphore STARTS = new Semaphore(4);

  /** A package may have to be fetched first. */
  private static final Duration START = Duration.ofSeconds(60);

  private static final Duration LOOK = Duration.ofSeconds(15);

  /** Between two looks at the lists of a server that changes them all the time. */
  private static final Duration LEAST = Duration.ofSeconds(3);

  private static final int MOST_PAUSES = 50;
  private static final long PAUSE_MILLIS = 200;

  /** In characters: a server may say anything, and the status page shows it. */
  private static final int LONGEST_PROBLEM = 500;

  private final Entry entry;
  private final Seen told;
  private final Copies copies;

  /** Has a permit when the server has said that a list has changed. */
  private final Semaphore stale = new Semaphore(0);

  private @Nullable Hello listed;
  private volatile boolean tried;
  private volatile String problem = "";

  /** Is told what the server lists. */
  @FunctionalInterface
  interface Seen {
    void tell(ObjectNode seen) throws SQLException, InterruptedException;
  }

  Keeper(Entry entry, Map<String, String> environment, Budget budget, Seen told) {
    this.entry = entry;
    this.told = told;
    this.copies = new Copies(entry, environment, budget, list -> stale.release());
  }

  Copies copies() {
    return copies;
  }

  /** Whether its lists have been looked at, or could not be. */
  boolean tried() {
    return tried;
  }

  /** Why it does not run; empty where it does. */
  String problem() {
    return problem;
  }

  @Override
  public void run() {
    try {
      while (true) {
        try {
          look();
          problem = "";
        } catch (MountException | SQLException | RuntimeException | StackOverflowError e) {
          String line = Database.firstLine(e);
          String now = line.substring(0, Math.min(line.length(), LONGEST_PROBLEM));
          if (Thread.currentThread().isInterrupted()) {
            return;
          }
          if (!now.equals(problem)) {
            LOG.warn("{}: {}", entry.name(), now);
          }
          problem = now;
        }
        tried = true;
        copies.closeIdle();
        TimeUnit.NANOSECONDS.sleep(LEAST.toNanos());
        if (stale.tryAcquire(LOOK.toNanos(), TimeUnit.NANOSECONDS)) {
          stale.drainPermits();
          listed = null;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Each session has a hello of its own; that of the next server may say the same, and list more.
   */
  @SuppressWarnings("ReferenceEquality")
  private void look() throws MountException, SQLException, InterruptedException {
    if (entry.perUser() && listed != null) {
      return;
    }
    boolean starts = listed == null;
    if (starts) {
      STARTS.acquire();
    }
    try (Copies.Copy copy = copies.take(copies.someone())) {
      Hello hello = copy.server().hello(START);
      if (hello != listed) {
        awaitCalls(copy);
        told.tell(Lists.read(copy.server(), hello, entry.perUser()));
        listed = hello;
      }
    } finally {
      if (starts) {
        STARTS.release();
      }
    }
  }

  /** Beside another request a call may not ask its client, since a question names no request. */
  private static void awaitCalls(Copies.Copy copy) throws InterruptedException {
    for (int i = 0; i < MOST_PAUSES && copy.isShared(); i++) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }
}
