package com.mcpist.origin.ledger;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.ToolCall;
import com.mcpist.origin.db.Database;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The transaction of a call that reads: a READ ONLY one of its user's from its first use of the
 * database on, and none before. Its begin costs no round trip: pgjdbc sends BEGIN with the first
 * query, and {@link FirstStatement} the user and the limits; nor does its end, where the tool says
 * which statement is the last. One that is the first too needs neither BEGIN nor COMMIT.
 */
final class ReadingTransaction {
  private final Attempt attempt;
  private final Database database;
  private final boolean fresh;
  private final Ledger.Config limits;
  private @Nullable Handle handle;

  ReadingTransaction(Attempt attempt, Database database, boolean fresh, Ledger.Config limits) {
    this.attempt = attempt;
    this.database = database;
    this.fresh = fresh;
    this.limits = limits;
  }

  Handle handle() {
    if (handle == null) {
      handle = open();
    }
    return handle;
  }

  private Handle open() {
    Handle opened = database.openFor(attempt.key().user(), fresh);
    opened.setStatementBuilder(new FirstStatement(attempt, limits));
    return opened;
  }

  void end() throws SQLException {
    Handle open = handle;
    if (open == null) {
      return;
    }
    handle = null;
    Connection connection = open.getConnection();
    try {
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    } catch (SQLException e) {
      database.discard(open);
      throw e;
    }
    open.close();
  }

  void abandon() {
    if (handle != null) {
      Tries.undo(database, handle);
      handle = null;
    }
  }

  /**
   * Names the user in whose name a transaction reads, for row-level security, makes it READ ONLY,
   * and sets its limits, which end it where this origin hangs; and lets no plan read a table from
   * end to end, as one that was made while the table was empty would. All travel with the
   * transaction's first statement, so that they cost no round trip of their own: PostgreSQL takes
   * what comes in one message as one transaction, unless it has a BEGIN.
   */
  static final class FirstStatement extends DefaultStatementBuilder {
    private static final String NAME =
        "select set_config('mcpist.user_id', ?, true),"
            + " set_config('transaction_read_only', 'on', true),"
            + " set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),"
            + " set_config('lock_timeout', ?::text, true),"
            + " set_config('statement_timeout', ?::text, true),"
            + " set_config('idle_in_transaction_session_timeout', ?::text, true),"
            + " set_config('transaction_timeout', ledger_time_left(?::timestamptz)::text, true)";
    private static final int PARAMETERS = 5;

    private final Attempt attempt;
    private final Ledger.Config limits;
    private boolean named;

    FirstStatement(Attempt attempt, Ledger.Config limits) {
      this.attempt = attempt;
      this.limits = limits;
    }

    @Override
    public PreparedStatement create(Connection connection, String sql, StatementContext context)
        throws SQLException {
      boolean last = Boolean.TRUE.equals(context.getAttribute(ToolCall.LAST_STATEMENT));
      boolean first = !named;
      named = !last; // What comes after the last is in another transaction.
      if (!first) {
        return super.create(connection, last ? sql + "; commit" : sql, context);
      }
      connection.setAutoCommit(last); // pgjdbc sends no BEGIN; the pool sets it back.
      PreparedStatement both = super.create(connection, NAME + ";" + sql, context);
      bind(both);
      return (PreparedStatement)
          Proxy.newProxyInstance(
              FirstStatement.class.getClassLoader(),
              new Class<?>[] {PreparedStatement.class},
              new Second(both));
    }

    /** What may be several statements is not added to. */
    @Override
    public Statement create(Connection connection, StatementContext context) throws SQLException {
      nameFirst(connection);
      return super.create(connection, context);
    }

    @Override
    public CallableStatement createCall(Connection connection, String sql, StatementContext context)
        throws SQLException {
      nameFirst(connection);
      return super.createCall(connection, sql, context);
    }

    private void nameFirst(Connection connection) throws SQLException {
      if (!named) {
        named = true;
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement(NAME)) {
          bind(statement);
          statement.execute();
        }
      }
    }

    private void bind(PreparedStatement statement) throws SQLException {
      Ledger.bind(
          statement,
          attempt.key().user(),
          limits.lockWait(),
          limits.statementTime(),
          limits.idleTime(),
          // A null would have no type, for which the driver asks the server each time.
          Objects.toString(attempt.deadline(), "infinity"));
    }

    /** Of two statements in one the second: its parameters, and its result. */
    private record Second(PreparedStatement both) implements InvocationHandler {
      @Override
      public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
          throws Throwable {
        if (arguments != null
            && arguments.length > 1
            && method.getName().startsWith("set")
            && arguments[0] instanceof Integer parameter) {
          arguments[0] = parameter + PARAMETERS;
        }
        try {
          Object result = method.invoke(both, arguments);
          boolean runs = method.getName().equals("execute") && arguments == null;
          return runs ? (Object) both.getMoreResults() : result;
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }
    }
  }
}
