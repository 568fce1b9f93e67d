package com.mcpist.origin.ledger;

import com.mcpist.module.Invocation;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.db.Background;
import com.mcpist.origin.db.Database;
import io.prometheus.metrics.model.registry.Collector;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tools so that a call has its effect once, however many attempts at it there are, on however
 * many origins. docs/design/ledger.md says how, and what each failure does.
 */
public final class LedgeredToolRunner implements ToolRunner, AutoCloseable {
  /** Small, so that a deletion never holds a lock for long. */
  private static final int CLEANING_BATCH = 500;

  /** So often, and after so many calls, so that a save has few rows to add up. */
  private static final Duration FOLDING = Duration.ofSeconds(2);

  private static final int FOLDING_CALLS = 50;

  private final Database database;
  private final Ledger.Config config;
  private final BooleanSupplier schemaReady;
  private final Ledger ledger;
  private final Writes writes;
  private final Outside outside;
  private final Background cleaning;
  private final Background folding;
  private final AtomicInteger unfolded = new AtomicInteger();

  /**
   * Starts, with the upkeep in the background; close the runner before the database. The schema is
   * ready when the database has what this release needs, and this process no more rights.
   */
  public LedgeredToolRunner(Database database, Ledger.Config config, BooleanSupplier schemaReady) {
    this.schemaReady = schemaReady;
    this.database = database;
    this.config = config;
    this.ledger = new Ledger(config, database::ran);
    this.writes = new Writes(database, ledger, config);
    this.outside = new Outside(database, ledger, config);
    this.cleaning = new Background("ledger cleaning", config.cleanEvery(), ready(this::clean));
    this.folding = new Background("adding up what is stored", FOLDING, ready(this::fold));
  }

  public Collector collector() {
    return ledger.collector();
  }

  @Override
  public ToolResult run(Tool tool, Invocation invocation) throws Exception {
    return judged(
        tool.name(),
        tool.effect() == Tool.Effect.READS,
        () ->
            switch (tool.effect()) {
              case READS -> {
                Optional<ToolResult> earlier = outside.earlier(tool, invocation);
                yield earlier.isPresent() ? earlier.get() : read(tool, invocation);
              }
              case WRITES_DATABASE -> {
                ToolResult result = writes.run(Ledger.LedgerCall.of(tool, invocation));
                if (unfolded.incrementAndGet() % FOLDING_CALLS == 0) {
                  folding.now();
                }
                yield result;
              }
              case ACTS_OUTSIDE, ACTS_OUTSIDE_IDEMPOTENTLY ->
                  outside.run(Ledger.LedgerCall.of(tool, invocation));
            });
  }

  @Override
  public void undelivered(String tool, Invocation invocation) throws Exception {
    Ledger.Notice notice = Ledger.Notice.of(tool, invocation);
    judged(
        tool,
        false,
        () -> {
          outside.undelivered(notice, invocation);
          return ToolResult.text("");
        });
  }

  /** Does the work, and tells a failure of this origin or the database from a mistake in a tool. */
  private ToolResult judged(String tool, boolean reads, Callable<ToolResult> work)
      throws Exception {
    if (!schemaReady.getAsBoolean()) {
      // Before the schema is ready this process may still have more rights than its calls may use.
      throw new AttemptFailedException(
          "The database is away, or its schema is not there yet", new IllegalStateException(tool));
    }
    try {
      return work.call();
    } catch (ToolException | InputRequired | AttemptFailedException e) {
      throw e;
    } catch (Exception e) {
      if (reads && Failure.noConnection(e)) {
        throw AttemptFailedException.busy(e);
      }
      boolean mistaken = reads && Failure.readOnly(e);
      if (Failure.of(e) != Failure.TOOL && !mistaken) {
        throw new AttemptFailedException(Database.firstLine(e), e);
      }
      throw Failure.StorageLimit.refusal(e).map(Exception.class::cast).orElse(e);
    }
  }

  private ToolResult read(Tool tool, Invocation invocation) throws Exception {
    return Tries.of(
        tool.name(),
        new Tries.Patience(invocation, config.busyWait()),
        number -> {
          var transaction =
              new ReadingTransaction(invocation.attempt(), database, number > 1, config);
          ToolCall call =
              new ToolCall(
                  invocation,
                  invocation.attempt(),
                  () -> {
                    Handle handle = transaction.handle();
                    invocation.started();
                    return handle;
                  });
          try {
            ToolResult result = tool.handler().run(call);
            transaction.end();
            return result;
          } finally {
            transaction.abandon();
          }
        });
  }

  /** Nothing is wrong while the database is not there yet. */
  private Background.Work ready(Background.Work work) {
    return () -> {
      if (schemaReady.getAsBoolean()) {
        work.run();
      }
    };
  }

  private void clean() throws SQLException {
    int deleted;
    do {
      try (Handle handle = database.open()) {
        deleted = ledger.clean(handle.getConnection(), CLEANING_BATCH);
      }
    } while (deleted == CLEANING_BATCH);
  }

  private void fold() throws SQLException {
    try (Handle handle = database.open()) {
      ledger.fold(handle.getConnection());
    }
  }

  @Override
  public void close() {
    folding.close();
    cleaning.close();
    outside.close();
  }

  /**
   * Calls that write the database: one transaction takes the call's lock, looks the call up, does
   * the work, records the result, and commits.
   */
  private record Writes(Database database, Ledger ledger, Ledger.Config config) {
    private static final Logger LOG = LoggerFactory.getLogger(Writes.class);

    ToolResult run(Ledger.LedgerCall sent) throws Exception {
      Tries.Patience patience = new Tries.Patience(sent.invocation(), config.busyWait());
      AtomicBoolean started = new AtomicBoolean();
      AtomicReference<Ledger.LedgerCall> call = new AtomicReference<>(sent);
      return Tries.of(
          sent.tool().name(),
          patience,
          number -> {
            boolean mayBeginWithStatement =
                number == 1 && sent.attempt().number() == 1 && sent.tool().statementFirst();
            Optional<ToolResult> result =
                mayBeginWithStatement
                    ? transaction(call, Ledger.WITH_STATEMENT, started)
                    : Optional.empty();
            if (result.isEmpty()) {
              result = transaction(call, number, started);
            }
            while (result.isEmpty()) {
              patience.pause();
              result = transaction(call, number, started);
            }
            return result.get();
          });
    }

    /**
     * Empty when another attempt is at the call, other calls have all connections, it is another
     * call's sending, which it is from then on, or it must enter without a statement.
     */
    private Optional<ToolResult> transaction(
        AtomicReference<Ledger.LedgerCall> current, int number, AtomicBoolean started)
        throws Exception {
      Ledger.LedgerCall call = current.get();
      Handle handle;
      try {
        handle = database.openFor(call.attempt().key().user(), number > 1);
      } catch (ConnectionException e) {
        if (number > 1 || !Failure.noConnection(e)) {
          throw e; // Of the try before one cannot know.
        }
        if (started.get()) {
          return Optional.empty(); // Its answer may have begun, so it is not busy any more.
        }
        throw AttemptFailedException.busy(e);
      }
      started.set(true);
      call.invocation().started();
      FirstStatement entering = ledger.enterWithStatement(call);
      ToolResult result;
      try {
        if (number == Ledger.WITH_STATEMENT) {
          handle.setStatementBuilder(entering);
        } else {
          Ledger.Entry entry = ledger.enter(handle.getConnection(), call, number);
          if (entry.state() != Ledger.Entry.State.ENTERED) {
            boolean again = entry.state() == Ledger.Entry.State.AGAIN;
            if (again) {
              handle.getConnection().commit();
              current.set(call.again(entry));
            }
            Optional<ToolResult> known = again ? Optional.empty() : entry.resultOf(call);
            Tries.undo(database, handle);
            return known;
          }
        }
        result = work(call, number, handle, entering);
      } catch (Throwable e) {
        if (Failure.readOnly(e)) {
          database.discard(handle); // The next session may write again.
          throw e;
        }
        Optional<SQLException> lost = Tries.undo(database, handle);
        if (entering.hasEnded() || Failure.isOther(e)) {
          return Optional.empty(); // What it has done is found by the next.
        }
        if (e instanceof ToolException && lost.isPresent()) {
          // A tool may have taken the loss of its connection for something that its caller can
          // mend.
          lost.get().addSuppressed(e);
          throw lost.get();
        }
        throw e;
      }
      Tries.undo(database, handle); // A tool may have gone on after its last statement.
      return Optional.of(result);
    }

    private ToolResult work(
        Ledger.LedgerCall call, int number, Handle handle, FirstStatement entering)
        throws Exception {
      try {
        ToolResult fresh =
            call.tool()
                .handler()
                .run(new ToolCall(call.invocation(), call.attempt(), () -> handle));
        if (!entering.hasEnded()) {
          ledger.finish(handle.getConnection(), call, number, StoredResult.write(fresh));
        }
        return fresh;
      } catch (AttemptFailedException e) {
        throw e;
      } catch (Exception e) {
        if (call.mayBeAttemptedStill() && Failure.of(e) == Failure.TOOL) {
          refuse(call, number, handle.getConnection(), e);
        }
        throw e;
      }
    }

    /**
     * The client will be told that nothing was done, or what it is asked first. So an earlier
     * attempt, which the edge has given up on, may not do the call when it goes on: it finds this.
     * It is recorded before the call's lock is given back. Throws SQLException where it could not
     * be, for a reason that another try or attempt may mend.
     */
    private void refuse(Ledger.LedgerCall call, int number, Connection connection, Exception why)
        throws SQLException {
      try {
        ledger.refuse(connection, call, number);
      } catch (SQLException e) {
        SQLException failure = connection.isClosed() ? Tries.lost(e) : e;
        failure.addSuppressed(why);
        if (Failure.of(failure) != Failure.TOOL) {
          throw failure;
        }
        // The tool has ended its transaction, say, against its contract.
        LOG.warn("{}: that it was refused could not be recorded", call.tool().name(), failure);
      }
    }
  }
}
