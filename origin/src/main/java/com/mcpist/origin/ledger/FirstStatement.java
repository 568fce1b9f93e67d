package com.mcpist.origin.ledger;

import com.mcpist.module.ToolCall;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Sends what begins a transaction with its first statement, and what ends it with its {@linkplain
 * ToolCall#LAST_STATEMENT last one}, so that they cost no round trips of their own. Where a part of
 * a message fails, what follows is not run. BEGIN and COMMIT are there even where one message is
 * the transaction, since pgjdbc sends a message in parts where it does not know a parameter's type.
 */
final class FirstStatement extends DefaultStatementBuilder {
  /** pgjdbc's own is a message by itself, which the server also answers by itself. */
  private static final String BEGIN = "begin;";

  /** Statements, with parameters as {@link Parameters#bind}. */
  record Sql(String text, List<@Nullable Object> parameters) {
    static Sql of(String text, @Nullable Object... parameters) {
      return new Sql(text, Arrays.asList(parameters));
    }
  }

  /** What ends a transaction, COMMIT too, after a statement; null where that is not the last. */
  @FunctionalInterface
  interface End {
    @Nullable Sql after(@Nullable Object lastStatement);
  }

  private final Sql begin;
  private final Runnable onBegun;
  private final End end;
  private boolean begun;
  private boolean ended;

  /** {@code onBegun}: told once what begins the transaction has been run. */
  FirstStatement(Sql begin, Runnable onBegun, End end) {
    this.begin = begin;
    this.onBegun = onBegun;
    this.end = end;
  }

  /** Whether the last statement has been run, and the transaction is committed. */
  boolean hasEnded() {
    return ended;
  }

  @Override
  public PreparedStatement create(Connection connection, String sql, StatementContext context)
      throws SQLException {
    if (context.getJdbiStatementType() == PreparedBatch.class || isOpen(connection)) {
      begin(connection); // What is run again and again is not added to.
    }
    boolean first = !begun;
    Sql last = end.after(context.getAttribute(ToolCall.LAST_STATEMENT));
    if (!first && last == null) {
      return super.create(connection, sql, context);
    }
    String before = first ? BEGIN + begin.text() + ";" : "";
    String after = last == null ? "" : ";" + last.text();
    PreparedStatement all = super.create(connection, before + sql + after, context);
    int parameters = first ? Parameters.bind(all, 0, begin.parameters()) : 0;
    if (last != null) {
      int tools = context.getParsedSql().getParameters().getParameterCount();
      Parameters.bind(all, parameters + tools, last.parameters());
    }
    return (PreparedStatement)
        Proxy.newProxyInstance(
            FirstStatement.class.getClassLoader(),
            new Class<?>[] {PreparedStatement.class},
            new Among(all, first, parameters, last != null));
  }

  /** By a savepoint before the first statement, for which pgjdbc begins one. */
  private static boolean isOpen(Connection connection) throws SQLException {
    return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
  }

  /** What may be several statements is not added to. */
  @Override
  public Statement create(Connection connection, StatementContext context) throws SQLException {
    begin(connection);
    return super.create(connection, context);
  }

  @Override
  public CallableStatement createCall(Connection connection, String sql, StatementContext context)
      throws SQLException {
    begin(connection);
    return super.createCall(connection, sql, context);
  }

  private void begin(Connection connection) throws SQLException {
    if (!begun) {
      begun = true;
      try (PreparedStatement statement = connection.prepareStatement(begin.text())) {
        Parameters.bind(statement, 0, begin.parameters());
        statement.execute();
        onBegun.run();
      }
    }
  }

  /** A statement among others: its parameters, after those of the first, and its result. */
  private final class Among implements InvocationHandler {
    private final PreparedStatement all;
    private final boolean begins;
    private final int offset;
    private final boolean last;

    Among(PreparedStatement all, boolean begins, int offset, boolean last) {
      this.all = all;
      this.begins = begins;
      this.offset = offset;
      this.last = last;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      if (arguments != null
          && arguments.length > 1
          && method.getName().startsWith("set")
          && arguments[0] instanceof Integer parameter) {
        arguments[0] = parameter + offset;
      }
      try {
        return method.getName().equals("execute") && arguments == null
            ? execute()
            : method.invoke(all, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    private boolean execute() throws SQLException {
      // Also where it fails: a tool may go back to a savepoint of the same transaction.
      begun = true;
      boolean rows = begins ? executeFirst() : all.execute();
      ended = last;
      begun = !last; // What comes after the last is in another transaction.
      return rows;
    }

    private boolean executeFirst() throws SQLException {
      Connection connection = all.getConnection();
      connection.setAutoCommit(true); // Without it pgjdbc sends its own BEGIN.
      try {
        all.execute();
      } finally {
        if (!connection.isClosed()) {
          connection.setAutoCommit(false);
        }
      }
      onBegun.run();
      all.getMoreResults();
      return all.getMoreResults();
    }
  }
}
