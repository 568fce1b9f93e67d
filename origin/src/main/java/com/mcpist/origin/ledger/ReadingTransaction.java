package com.mcpist.origin.ledger;

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
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The transaction of a call that reads: a READ ONLY one of its user's from its first use of the
 * database on, and none before. It costs no round trip: pgjdbc sends BEGIN READ ONLY with the first
 * query, and {@link UserOfTransaction} the user.
 */
final class ReadingTransaction {
  private final String user;
  private final Database database;
  private final boolean fresh;
  private final int statementSeconds;
  private @Nullable Handle handle;

  ReadingTransaction(String user, Database database, boolean fresh, int statementSeconds) {
    this.user = user;
    this.database = database;
    this.fresh = fresh;
    this.statementSeconds = statementSeconds;
  }

  Handle handle() {
    if (handle == null) {
      handle = open();
    }
    return handle;
  }

  private Handle open() {
    Handle opened = database.openFor(user, fresh);
    try {
      opened.getConnection().setReadOnly(true);
    } catch (SQLException e) {
      database.discard(opened);
      throw new IllegalStateException("The connection refused to be read-only", e);
    }
    // The driver's own timer: the server's would cost a round trip to set.
    opened.getConfig(SqlStatements.class).setQueryTimeout(statementSeconds);
    opened.setStatementBuilder(new UserOfTransaction(user));
    return opened;
  }

  void end() throws SQLException {
    Handle open = handle;
    if (open == null) {
      return;
    }
    handle = null;
    try {
      open.getConnection().commit();
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
   * Names the user in whose name a transaction reads, for row-level security. It travels with the
   * transaction's first statement, so that it costs no round trip of its own.
   */
  static final class UserOfTransaction extends DefaultStatementBuilder {
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
}
