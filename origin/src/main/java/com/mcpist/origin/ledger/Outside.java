package com.mcpist.origin.ledger;

import com.mcpist.module.Claim;
import com.mcpist.module.Invocation;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.module.ToolRunner.TooOldException;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.db.Background;
import com.mcpist.origin.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the calls of tools that act outside the database. The claim is committed before a call acts,
 * and the result after it. This process renews the leases of its claims while it lives, so that
 * another origin can tell a claim that will be finished from one that will not.
 */
final class Outside implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Outside.class);
  private static final int RENEWALS = 4;
  private static final long NANOS_PER_MILLI = 1_000_000;

  static final String UNKNOWN =
      "The outcome of this call is unknown: the server that ran it stopped, or the service it"
          + " called failed or took too long, before there was a result. Nothing was run again."
          + " Find out at that service whether it was done before you call again.";

  private final Database database;
  private final Ledger ledger;
  private final Ledger.Config config;

  /** The claims whose calls this process is working on. */
  private final Map<UUID, HeldClaim> held = new ConcurrentHashMap<>();

  private final Background renewal;

  Outside(Database database, Ledger ledger, Ledger.Config config) {
    this.database = database;
    this.ledger = ledger;
    this.config = config;
    this.renewal = new Background("claims", config.lease().dividedBy(RENEWALS), this::renew);
  }

  ToolResult run(Ledger.LedgerCall call) throws Exception {
    HeldClaim claim = new HeldClaim(call);
    Optional<ToolResult> settled = claim(call, claim);
    if (settled.isPresent()) {
      return settled.get();
    }
    held.put(claim.id, claim);
    try {
      return settle(call, act(call, claim));
    } finally {
      held.remove(claim.id);
    }
  }

  /**
   * Returns what became of an earlier attempt at a call whose tool now only reads, or empty if none
   * is recorded. The tool may have acted in the earlier attempt: a mounted server may change its
   * list between two attempts, and another release may define the tool otherwise.
   */
  Optional<ToolResult> earlier(Tool tool, Invocation invocation) throws Exception {
    if (invocation.attempt().number() == 1) {
      return Optional.empty();
    }
    Ledger.LedgerCall call = Ledger.LedgerCall.of(tool, invocation);
    boolean recorded =
        commit(call.invocation(), tool.name(), c -> ledger.isRecorded(c, call.key()));
    return recorded ? Optional.of(run(call)) : Optional.empty();
  }

  /** Returns the call's result, or empty if this attempt has the claim now and must act. */
  private Optional<ToolResult> claim(Ledger.LedgerCall call, HeldClaim claim) throws Exception {
    boolean again = call.tool().effect() == Effect.ACTS_OUTSIDE_IDEMPOTENTLY;
    Tries.Patience patience = new Tries.Patience(call.invocation(), config.busyWait());
    while (true) {
      Ledger.Entry entry;
      try {
        entry = commit(call, c -> claim(c, call, claim.id, again));
      } catch (ConnectionException e) {
        throw Failure.noConnection(e) ? AttemptFailedException.busy(e) : e;
      }
      call.invocation().started();
      Optional<ToolResult> result = entry.resultOf(call);
      switch (entry.state()) {
        case ENTERED -> {
          return Optional.empty();
        }
        case FOUND, OLD -> {
          return result;
        }
        case AGAIN -> {
          return Optional.of(run(call.again(entry)));
        }
        case UNKNOWN -> {
          return Optional.of(ToolResult.error(UNKNOWN));
        }
        case BUSY -> patience.pause();
      }
    }
  }

  /** Records a notice. Throws TooOldException if the call is too old to be recorded. */
  void undelivered(Ledger.Notice notice, Invocation invocation) throws Exception {
    try {
      commit(
          invocation,
          notice.tool(),
          c -> {
            ledger.undelivered(c, notice);
            return true;
          });
    } catch (ConnectionException e) {
      throw Failure.noConnection(e) ? AttemptFailedException.busy(e) : e;
    } catch (SQLException e) {
      throw Failure.tooOld(e) ? new TooOldException() : e;
    }
  }

  private Ledger.Entry claim(
      Connection connection, Ledger.LedgerCall call, UUID claim, boolean again)
      throws SQLException {
    try {
      return ledger.claim(connection, call, claim, again);
    } catch (SQLException e) {
      if (call.mayBeAttemptedStill() && Failure.StorageLimit.refusal(e).isPresent()) {
        // An earlier attempt that goes on later may not act: the client is told that nothing was.
        ledger.refuseClaim(connection, call, claim, true);
      }
      throw e;
    }
  }

  private ToolResult act(Ledger.LedgerCall call, HeldClaim claim) throws Exception {
    try {
      try {
        return call.tool()
            .handler()
            .run(new ToolCall(call.invocation(), call.attempt(), Outside::noTransaction, claim));
      } finally {
        claim.over = true; // A thread that the tool has left behind does not act any more.
      }
    } catch (InputRequired | RefusedException e) {
      giveUp(call, claim); // The call has done nothing.
      throw e;
    } catch (ToolException e) {
      if (!e.mayRunAgain()) {
        return ToolResult.error(String.valueOf(e.getMessage()));
      }
      @Nullable AttemptFailedException ended = claim.ended;
      if (ended != null) {
        forget(call, claim);
        ended.addSuppressed(e);
        throw ended; // Another origin may be able to run the call, or has done so.
      }
      giveUp(call, claim);
      throw e;
    } catch (Exception e) {
      if (!claim.everHeld && (claim.ended != null || call.tool().renewsClaim())) {
        // The call was never allowed to act, so that another attempt can run it.
        forget(call, claim);
        throw e instanceof AttemptFailedException || e instanceof RuntimeException
            ? e
            : new AttemptFailedException("The call was prepared, and has not acted: " + e, e);
      }
      if (call.tool().effect() == Effect.ACTS_OUTSIDE_IDEMPOTENTLY) {
        if (call.mayBeAttemptedStill() && Failure.of(e) == Failure.TOOL) {
          giveUp(call, claim);
        }
        throw e;
      }
      LOG.error("{} failed while it acted outside", call.tool().name(), e);
      return ToolResult.error(UNKNOWN);
    }
  }

  /**
   * Deletes the claim of a call that has done nothing, if it is still there and the database can be
   * reached. Another attempt can run the call then. Without this it would find a lease run out, and
   * tell the client that the outcome is unknown.
   */
  private void forget(Ledger.LedgerCall call, HeldClaim claim) {
    try (Handle handle = database.open()) {
      ledger.giveUp(handle.getConnection(), call.key().user(), claim.id);
    } catch (SQLException | RuntimeException e) {
      LOG.info("{}: a claim could not be deleted: {}", call.tool().name(), Database.firstLine(e));
    }
  }

  /**
   * Gives up a claim whose call has done nothing. A later attempt may claim the call anew. An
   * earlier attempt may do so only if the client is not told that nothing was done.
   *
   * @throws AttemptFailedException if the claim has ended. Another attempt may have run the call,
   *     so the client must not be told that nothing was done
   */
  private void giveUp(Ledger.LedgerCall call, HeldClaim claim) throws Exception {
    boolean given =
        commit(
            call,
            c ->
                call.mayBeAttemptedStill()
                    ? ledger.refuseClaim(c, call, claim.id, false)
                    : ledger.giveUp(c, call.key().user(), claim.id));
    if (!given) {
      throw new AttemptFailedException("The claim has ended: another attempt is at the call");
    }
  }

  private ToolResult settle(Ledger.LedgerCall call, ToolResult result) {
    String json;
    try {
      json = StoredResult.write(result);
    } catch (ToolException e) {
      return settle(call, ToolResult.error("It was done. " + e.getMessage()));
    }
    try {
      String counts = commit(call, c -> ledger.settle(c, call, json));
      return counts.equals(json) ? result : StoredResult.read(counts);
    } catch (Exception e) {
      // It was done, and this is the result; that it is not recorded matters only to a later
      // attempt.
      LOG.warn(
          "{}: the result could not be recorded: {}", call.tool().name(), Database.firstLine(e));
      return result;
    }
  }

  private static Handle noTransaction() {
    throw new IllegalStateException("A tool that acts outside has no transaction");
  }

  private void renew() throws SQLException {
    Map<UUID, HeldClaim> claims = Map.copyOf(held);
    if (claims.isEmpty()) {
      return;
    }
    try (Handle handle = database.open()) {
      long sentMillis = System.currentTimeMillis();
      long sent = System.nanoTime();
      Set<UUID> renewed = ledger.renew(handle.getConnection(), claims.keySet());
      claims.forEach(
          (id, claim) -> {
            if (renewed.contains(id)) {
              claim.extend(sent, sentMillis, config.lease());
            }
          });
    }
  }

  @Override
  public void close() {
    renewal.close();
  }

  /** The claim of a call that this process works on. */
  private final class HeldClaim implements Claim {
    private final UUID id = UUID.randomUUID();
    private final Ledger.LedgerCall call;

    /** The end of the lease by System.nanoTime; meaningless until everHeld is true. */
    private final AtomicLong endNanos = new AtomicLong();

    /**
     * The end of the lease in milliseconds since 1970. The monotonic clock stands still while the
     * host is suspended. The wall clock does not, and a step of it costs one more renewal.
     */
    private final AtomicLong endMillis = new AtomicLong();

    /** Whether the call has been allowed to act. */
    private volatile boolean everHeld;

    /** Why the call must not act, or must not act any more; null while it may. */
    private volatile @Nullable AttemptFailedException ended;

    /**
     * Whether the tool has returned. A thread that renews the claim meanwhile has set everHeld
     * before it looks at this, so that it does not act, or the call counts as one that may have.
     */
    private volatile boolean over;

    HeldClaim(Ledger.LedgerCall call) {
      this.call = call;
    }

    @Override
    public void renew() throws AttemptFailedException, InterruptedException {
      try {
        Tries.Patience patience = new Tries.Patience(call.invocation(), config.busyWait());
        while (!isAnswered()) {
          patience.pause();
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (AttemptFailedException e) {
        ended = e;
        throw e;
      } catch (Exception e) {
        AttemptFailedException why =
            new AttemptFailedException("A claim could not be renewed: " + Database.firstLine(e), e);
        ended = why;
        throw why;
      }
      if (ended != null) {
        throw ended;
      }
      if (over) {
        throw new AttemptFailedException("The call is over");
      }
    }

    /** Returns false if there was no connection for the renewal: nothing was asked. */
    private boolean isAnswered() throws Exception {
      try {
        return commit(call, this::hold);
      } catch (ConnectionException e) {
        if (Failure.noConnection(e)) {
          return false;
        }
        throw e;
      }
    }

    private boolean hold(Connection connection) throws SQLException {
      long sentMillis = System.currentTimeMillis();
      long sent = System.nanoTime();
      Optional<Duration> lease = ledger.hold(connection, call, id);
      if (lease.isPresent()) {
        endNanos.set(sent + lease.get().toNanos());
        endMillis.set(sentMillis + lease.get().toMillis());
        everHeld = true;
      } else {
        ended =
            new AttemptFailedException(
                "The claim has ended: another attempt is at the call, or the deadline has passed");
      }
      return true;
    }

    /** Extends a lease that has been used to act, and that the database has just renewed. */
    private void extend(long sentNanos, long sentMillis, Duration lease) {
      if (everHeld) {
        Optional<Duration> left = call.invocation().timeLeft();
        long nanos = left.map(l -> Math.min(l.toNanos(), lease.toNanos())).orElse(lease.toNanos());
        endNanos.accumulateAndGet(sentNanos + nanos, (was, now) -> now - was > 0 ? now : was);
        endMillis.accumulateAndGet(sentMillis + nanos / NANOS_PER_MILLI, Math::max);
      }
    }

    @Override
    public boolean holds() {
      return everHeld
          && ended == null
          && !over
          && System.nanoTime() - endNanos.get() < 0
          && System.currentTimeMillis() < endMillis.get();
    }
  }

  /** A statement that commits itself. */
  @FunctionalInterface
  private interface Statement<T> {
    T run(Connection connection) throws SQLException;
  }

  private <T> T commit(Ledger.LedgerCall call, Statement<T> statement) throws Exception {
    return commit(call.invocation(), call.tool().name(), statement);
  }

  private <T> T commit(Invocation invocation, String tool, Statement<T> statement)
      throws Exception {
    return Tries.of(
        tool,
        new Tries.Patience(invocation, config.busyWait()),
        number -> {
          Handle handle = number == 1 ? database.open() : database.openFresh();
          T value;
          try {
            value = statement.run(handle.getConnection());
          } catch (Throwable e) {
            Tries.undo(database, handle);
            throw e;
          }
          handle.close();
          return value;
        });
  }
}
