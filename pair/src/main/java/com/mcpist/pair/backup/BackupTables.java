package com.mcpist.pair.backup;

import module java.base;

import com.mcpist.pair.data.PairException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A database's schema version, and its tables that a backup has, each after those that it refers
 * to: what origins may use, modules' tables too, but what is of the database itself.
 */
record BackupTables(int schema, String postgres, List<Table> tables) {
  /**
   * Versions, of modules too, leases, what origins seal with, sums that triggers make anew, and
   * what webhooks are yet to be told.
   */
  private static final String NOT_TAKEN =
      "'schema_compatibility', 'request_state_key', 'deployment_lock', 'stored', 'stored_upto',"
          + " 'alert_webhook', 'alert'";

  /** In the owner's eyes only: an error where row-level security would hide rows. */
  private static final String BEGINNING =
      """
      set local row_security = off;
      set local statement_timeout = 0;
      set local transaction_timeout = 0;
      set local idle_in_transaction_session_timeout = 0;
      set local lock_timeout = '10s'
      """;

  /** The last thing that a first migration does. */
  private static final String MIGRATED =
      """
      select exists (select from pg_policy where polrelid = to_regclass('flyway_schema_history'))
      """;

  private static final String VERSION =
      """
      select max(version), current_setting('server_version') from schema_compatibility
      where module = 'mcpist'
      """;

  private static final String TABLES =
      """
      with recursive ours as (
        select oid, relname from pg_class
        where relkind in ('r', 'p') and not relispartition and relname not in (%s)
          and relname not like 'flyway\\_schema\\_history%%'
          and relnamespace = (select oid from pg_namespace where nspname = current_schema())
          and exists (select from aclexplode(relacl) where grantee = to_regrole('mcpist_origin'))),
      place(id, depth) as (
        select oid, 0 from ours
        union all
        select conrelid, depth + 1 from place join pg_constraint on confrelid = id
        where contype = 'f' and conrelid <> confrelid and depth < 20)
      select relname,
        array(select attname::text from pg_attribute
          where attrelid = oid and attnum > 0 and not attisdropped and attgenerated = ''
          order by attnum) as columns,
        (select coalesce(jsonb_object_agg(attname, pg_sequence_last_value(sequence))
            filter (where pg_sequence_last_value(sequence) is not null), '{}')
          from pg_attribute,
            lateral (select pg_get_serial_sequence(quote_ident(relname), attname)::regclass
              as sequence) as of_column
          where attrelid = oid and attnum > 0 and not attisdropped
            and (attidentity <> '' or atthasdef) and attgenerated = '') as sequences
      from ours join place on id = oid group by oid, relname order by max(depth), relname
      """
          .formatted(NOT_TAKEN);

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Sequences have the last value of each by the column that it is for. */
  record Table(String name, List<String> columns, Map<String, Long> sequences) {
    String from() {
      return "copy (select " + list() + " from " + quoted(name) + ") to stdout";
    }

    String into() {
      return "copy " + quoted(name) + " (" + list() + ") from stdin";
    }

    private String list() {
      return columns.stream().map(BackupTables::quoted).collect(Collectors.joining(", "));
    }
  }

  /** Sets the transaction's limits, and reads what is there in it. */
  static BackupTables begin(Connection connection) throws SQLException, PairException {
    List<Table> tables = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute(BEGINNING);
      if (!areThere(statement)) {
        throw new PairException("the database has no tables of MCPist, or not all of them yet");
      }
      try (ResultSet row = statement.executeQuery(TABLES)) {
        while (row.next()) {
          tables.add(
              new Table(
                  row.getString("relname"),
                  List.of((String[]) row.getArray("columns").getArray()),
                  JSON.readValue(
                      row.getString("sequences"), new TypeReference<Map<String, Long>>() {})));
        }
      }
      try (ResultSet row = statement.executeQuery(VERSION)) {
        row.next();
        return new BackupTables(row.getInt(1), row.getString(2), tables);
      }
    }
  }

  static boolean areThere(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery(MIGRATED)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  static CopyManager copy(Connection connection) throws SQLException {
    return new CopyManager(connection.unwrap(BaseConnection.class));
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** What a person can do about it. */
  static PairException told(String doing, SQLException e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    String state = String.valueOf(e.getSQLState());
    String advice = "";
    if (state.equals("42501")) {
      advice = ". It takes the owner of the tables: set MIGRATION_DATABASE_URL";
    } else if (state.matches("(08|40|53|55|57).*")) {
      advice = ". Nothing is half done: run it again";
    }
    return new PairException("the database cannot be " + doing + ": " + reason + advice, e);
  }
}
