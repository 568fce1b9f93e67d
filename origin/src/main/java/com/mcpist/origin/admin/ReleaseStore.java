package com.mcpist.origin.admin;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** The statements of releases. */
final class ReleaseStore {
  private static final int KEPT = 200;
  private static final String COLUMNS =
      "id, action, image, digest, release, strategy, who, state, detail, origins, started,"
          + " finished";

  /**
   * The lock is looked at in the statement that writes, and kept from changing until that is
   * committed. What was finished stays so: "running" may be an answer's second sending, come late.
   */
  private static final String PUT =
      """
      with held as (
        select 1 from deployment_lock where token = :lock and expires_at > clock_timestamp()
        for share)
      insert into release as known
      """
          + "("
          + COLUMNS
          + """
          )
          select :id, :action, :image, :digest, :release, :strategy, :who, :state, :detail,
            cast(:origins as jsonb), clock_timestamp(),
            case when :state = 'running' then null else clock_timestamp() end
          from held
          on conflict (id) do update set
            action = excluded.action, image = excluded.image, digest = excluded.digest,
            release = excluded.release, strategy = excluded.strategy, who = excluded.who,
            state = excluded.state, detail = excluded.detail, origins = excluded.origins,
            finished = case when known.state = excluded.state then known.finished
              else excluded.finished end
          where known.finished is null or excluded.finished is not null
          returning
          """
          + COLUMNS;

  private static final String HELD =
      "select "
          + COLUMNS
          + """
           from release where id = :id and exists (
            select from deployment_lock where token = :lock and expires_at > clock_timestamp())\
          """;

  private static final String CLEAN =
      """
      delete from release where id in (
        select id from release
        where (started, id) < (
          select started, id from release order by started desc, id desc offset :last limit 1)
        for update skip locked)
      """;

  private ReleaseStore() {}

  /** The row as it is stored; empty, and nothing stored, when the token does not have the lock. */
  static Optional<Release> put(Handle handle, UUID id, UUID lock, Release.Report report) {
    Optional<Release> stored =
        handle
            .createQuery(PUT)
            .bind("lock", lock)
            .bind("id", id)
            .bind("action", report.action())
            .bind("image", report.image())
            .bind("digest", report.digest())
            .bind("release", report.release())
            .bind("strategy", report.strategy())
            .bind("who", report.who())
            .bind("state", report.state())
            .bind("detail", report.detail())
            .bind("origins", report.origins().toString())
            .map(ReleaseStore::read)
            .findOne();
    if (stored.isEmpty()) {
      return handle
          .createQuery(HELD)
          .bind("id", id)
          .bind("lock", lock)
          .map(ReleaseStore::read)
          .findOne();
    }
    handle.createUpdate(CLEAN).bind("last", KEPT - 1).execute();
    return stored;
  }

  static List<Release> newest(Handle handle, int limit) {
    return handle
        .createQuery(
            "select " + COLUMNS + " from release order by started desc, id desc limit :limit")
        .bind("limit", limit)
        .map(ReleaseStore::read)
        .list();
  }

  private static Release read(ResultSet row, StatementContext context) throws SQLException {
    @Nullable OffsetDateTime finished = row.getObject("finished", OffsetDateTime.class);
    return new Release(
        row.getObject("id", UUID.class),
        new Release.Report(
            row.getString("action"),
            row.getString("image"),
            row.getString("digest"),
            row.getString("release"),
            row.getString("strategy"),
            row.getString("who"),
            row.getString("state"),
            row.getString("detail"),
            (ArrayNode) JsonMapper.shared().readTree(row.getString("origins"))),
        row.getObject("started", OffsetDateTime.class).toInstant(),
        finished == null ? null : finished.toInstant());
  }
}
