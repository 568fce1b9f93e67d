package com.mcpist.origin.ledger;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Names the user in whose name a transaction reads, for row-level security. It travels with the
 * transaction's first statement, so that it costs no round trip of its own.
 */
final class UserOfTransaction extends DefaultStatementBuilder {
  private static final String NAME = "select set_config('mcpist.user_id', ?, true)";

  private final String user;
  private boolean named;

  UserOfTransaction(String user) {
    this.user = user;
  }

  @Override
  public PreparedStatement create(Connection connection, String sql, StatementContext context)
      throws SQLException {
    if (named) {
      return super.create(connection, sql, context);
    }
    named = true;
    PreparedStatement both = super.create(connection, NAME + ";" + sql, context);
    both.setString(1, user);
    return (PreparedStatement)
        Proxy.newProxyInstance(
            UserOfTransaction.class.getClassLoader(),
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
      try (PreparedStatement statement = connection.prepareStatement(NAME)) {
        statement.setString(1, user);
        statement.execute();
      }
    }
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
        arguments[0] = parameter + 1;
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
