package com.mcpist.origin.ledger;

import com.mcpist.module.ToolCall;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends what begins a transaction with its first statement, so that it costs no round trip of its
 * own: PostgreSQL takes what comes in one message as one transaction, unless it has a BEGIN. Where
 * what begins it fails, the statement is not run. One that reads may end with its {@linkplain
 * ToolCall#LAST_STATEMENT last statement} in the same way.
 */
final class FirstStatement extends DefaultStatementBuilder {
  private final String begin;
  private final boolean reads;
  private final Check check;
  private final @Nullable Object[] parameters;
  private boolean begun;

  /** Is given the one row of what begins the transaction, and throws where that has not begun. */
  @FunctionalInterface
  interface Check {
    void begun(ResultSet row) throws SQLException;
  }

  /** Parameters as {@link Parameters#bind}. */
  FirstStatement(String begin, boolean reads, Check check, @Nullable Object... parameters) {
    this.begin = begin;
    this.reads = reads;
    this.check = check;
    this.parameters = parameters;
  }

  @Override
  public PreparedStatement create(Connection connection, String sql, StatementContext context)
      throws SQLException {
    boolean last = reads && Boolean.TRUE.equals(context.getAttribute(ToolCall.LAST_STATEMENT));
    if (context.getJdbiStatementType() == PreparedBatch.class) {
      begin(connection); // What is run again and again is not added to.
    }
    boolean first = !begun;
    begun = !last; // What comes after the last is in another transaction.
    if (!first) {
      return super.create(connection, last ? sql + "; commit" : sql, context);
    }
    connection.setAutoCommit(last); // pgjdbc sends no BEGIN; the pool sets it back.
    PreparedStatement both = super.create(connection, begin + ";" + sql, context);
    int own = Parameters.bind(both, parameters);
    return (PreparedStatement)
        Proxy.newProxyInstance(
            FirstStatement.class.getClassLoader(),
            new Class<?>[] {PreparedStatement.class},
            new Second(both, own, check));
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
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(begin)) {
        Parameters.bind(statement, parameters);
        statement.execute();
        hasBegun(statement, check);
      }
    }
  }

  private static void hasBegun(PreparedStatement begun, Check check) throws SQLException {
    try (ResultSet row = begun.getResultSet()) {
      row.next();
      check.begun(row);
    }
  }

  /** Of two statements in one the second: its parameters, after the first's, and its result. */
  private record Second(PreparedStatement both, int offset, Check check)
      implements InvocationHandler {
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
        Object result = method.invoke(both, arguments);
        if (method.getName().equals("execute") && arguments == null) {
          hasBegun(both, check);
          return both.getMoreResults();
        }
        return result;
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}
