package com.mcpist.origin.ledger;

import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.PGConnection;

/** A database with the ledger, and a table in which the tools of the tests leave their effects. */
final class LedgerDatabase implements AutoCloseable {
  private final TestDatabase database;
  private final Jdbi jdbi;

  private LedgerDatabase(TestDatabase database) {
    this.database = database;
    this.jdbi = Jdbi.create(database.dataSource());
  }

  static LedgerDatabase create() throws SQLException {
    LedgerDatabase created = new LedgerDatabase(TestDatabase.create());
    TestSchema.make(created.database);
    created.jdbi.useHandle(
        h -> {
          h.execute("create table effect (call_id text, what text)");
          h.execute("grant select, insert on effect to mcpist_origin");
        });
    return created;
  }

  /** As origins reach it. */
  String url() {
    return database.originUrl();
  }

  TestDatabase server() {
    return database;
  }

  Jdbi jdbi() {
    return jdbi;
  }

  /** Leaves an effect in the call's own transaction. */
  static void effect(ToolCall call) {
    call.database()
        .execute(
            "insert into effect values (?, ?)",
            call.attempt().key().id(),
            call.arguments().path("text").asString());
  }

  /** The same as the only statement of a call that has this result. */
  static void effect(ToolCall call, ToolResult result) {
    call.database()
        .createUpdate("insert into effect values (:call, :what)")
        .bind("call", call.attempt().key().id())
        .bind("what", call.arguments().path("text").asString())
        .define(ToolCall.LAST_STATEMENT, result)
        .execute();
  }

  int effects(TestInvocation call) {
    return count("select count(*) from effect where call_id = ?", call.key().id());
  }

  int recorded(TestInvocation call) {
    return count("select count(*) from tool_call where call_id = ?", call.key().id());
  }

  /** How many bytes a user has stored in a table, as they are counted. */
  long stored(String user, String counted) {
    return number(
        "select coalesce(sum(bytes), 0) from stored where user_id = ? and counted = ?",
        user,
        counted);
  }

  /** Adds up what users have stored, as origins do: all of it, unless an origin is at it. */
  void fold() {
    jdbi.useHandle(h -> h.execute("select stored_fold()"));
  }

  /** Waits until all is added up. */
  void awaitFolded() {
    Conditions.await(
        "all is added up",
        () -> {
          fold();
          return number("select count(*) from stored where xid is not null") == 0;
        });
  }

  /** What this question is answered with. */
  long number(String sql, Object... arguments) {
    return jdbi.withHandle(
        h -> {
          var query = h.createQuery(sql);
          for (int i = 0; i < arguments.length; i++) {
            query.bind(i, arguments[i]);
          }
          return query.mapTo(Long.class).one();
        });
  }

  private int count(String sql, String id) {
    return jdbi.withHandle(h -> h.createQuery(sql).bind(0, id).mapTo(Integer.class).one());
  }

  /** Ends the session of the call's own connection, as a failing server would. */
  void killSession(ToolCall call) throws SQLException {
    int pid = pid(call);
    jdbi.useHandle(h -> h.execute("select pg_terminate_backend(?, 5000)", pid));
  }

  /** Waits until the server has ended the session of the call's own connection. */
  void awaitNoSession(ToolCall call) throws SQLException {
    int pid = pid(call);
    Conditions.await(
        "the session has ended",
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery("select not exists(select from pg_stat_activity where pid = ?)")
                        .bind(0, pid)
                        .mapTo(Boolean.class)
                        .one()));
  }

  /** Waits until a session is running this statement. */
  void awaitStatement(String sql) {
    Conditions.await(
        "a session runs " + sql,
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "select exists(select from pg_stat_activity"
                                + " where state = 'active' and query = ?)")
                        .bind(0, sql)
                        .mapTo(Boolean.class)
                        .one()));
  }

  /** Waits until the process that has this call's claim has said again that it lives. */
  void awaitLeaseRenewed(TestInvocation call) {
    String sql = "select lease_until::text from tool_call where call_id = ?";
    String before =
        jdbi.withHandle(h -> h.createQuery(sql).bind(0, call.key().id()).mapTo(String.class).one());
    Conditions.await(
        "the lease is renewed",
        () ->
            !before.equals(
                jdbi.withHandle(
                    h -> h.createQuery(sql).bind(0, call.key().id()).mapTo(String.class).one())));
  }

  /** Ends the lease of this call's claim, as if its process had stood still for as long. */
  void endLease(TestInvocation call) {
    jdbi.useHandle(
        h ->
            h.execute(
                "update tool_call set lease_until = clock_timestamp() where call_id = ?",
                call.key().id()));
  }

  /** Waits until no transaction that began here is open any more. */
  void awaitNoOpenTransaction() {
    Conditions.await(
        "no transaction is open",
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "select not exists(select from pg_stat_activity where datname ="
                                + " current_database() and state like 'idle in transaction%')")
                        .mapTo(Boolean.class)
                        .one()));
  }

  static int pid(ToolCall call) throws SQLException {
    return call.database().getConnection().unwrap(PGConnection.class).getBackendPID();
  }

  @Override
  public void close() throws SQLException {
    database.close();
  }
}
