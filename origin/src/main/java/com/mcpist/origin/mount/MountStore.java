package com.mcpist.origin.mount;

import com.mcpist.origin.mcp.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What mounted servers offer, as all origins know it: the table {@code mount}. Each method is a
 * part of its caller's transaction.
 */
final class MountStore {
  private static final Logger LOG = LoggerFactory.getLogger(MountStore.class);

  /** Tools that are gone are remembered, so that they do not come back changed; so many at most. */
  private static final int MOST_APPROVED = 2_000;

  /** As what was seen was read: numbers keep all their digits. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private MountStore() {}

  /** The version grows with each change. */
  record Row(String name, long version, ObjectNode seen, ObjectNode approved) {}

  /** The rows of these mounts that have another version than is known, 0 of one that is not. */
  static List<Row> newer(Handle handle, Map<String, Long> known) {
    return handle
        .createQuery(
            """
            select m.name, m.version, m.seen, m.approved
            from mount m join unnest(:names::text[], :versions::bigint[]) as known (name, version)
              on m.name = known.name and m.version <> known.version
            """)
        .bindArray("names", String.class, known.keySet().toArray())
        .bindArray("versions", Long.class, known.values().toArray())
        .map(
            (row, context) ->
                new Row(
                    row.getString("name"),
                    row.getLong("version"),
                    object(row.getString("seen")),
                    object(row.getString("approved"))))
        .list();
  }

  /** Records what a mount's server lists now. A tool is approved as it is seen first. */
  static void see(Handle handle, String name, ObjectNode seen) {
    handle
        .createUpdate("insert into mount (name) values (:name) on conflict do nothing")
        .bind("name", name)
        .execute();
    Row row = lock(handle, name).orElseThrow();
    ObjectNode approved = row.approved().deepCopy();
    List<String> changed = new ArrayList<>();
    ObjectNode now = object(seen.toString()); // As it is compared with what was written before.
    for (JsonNode tool : now.path(Lists.TOOLS)) {
      String tools = tool.path("name").stringValueOpt().orElse("");
      JsonNode then = approved.get(tools);
      if (then == null && approved.size() < MOST_APPROVED) {
        approved.set(tools, tool);
      } else if (then != null && !then.equals(tool)) {
        changed.add(tools);
      }
    }
    if (now.equals(row.seen()) && approved.equals(row.approved())) {
      return;
    }
    if (!changed.isEmpty()) {
      LOG.warn(
          "{}: the definitions of {} are not as they were approved. Read them, then run mcpist"
              + " mount approve {}",
          name,
          changed,
          name);
    }
    write(handle, name, now, approved);
  }

  /** Approves all tools as they are now; false: there is no such mount. */
  static boolean approve(Handle handle, String name) {
    Optional<Row> row = lock(handle, name);
    row.ifPresent(
        known -> {
          ObjectNode approved = known.approved().deepCopy();
          for (JsonNode tool : known.seen().path(Lists.TOOLS)) {
            approved.set(tool.path("name").stringValueOpt().orElse(""), tool);
          }
          write(handle, name, known.seen(), approved);
        });
    return row.isPresent();
  }

  /** Says that the mount is in an origin's file, and forgets those that are in none for long. */
  static void keep(Handle handle, String name) {
    handle
        .createUpdate(
            """
            update mount set used_at = clock_timestamp()
            where name = :name and used_at < clock_timestamp() - interval '1 hour'
            """)
        .bind("name", name)
        .execute();
    handle.execute("delete from mount where used_at < clock_timestamp() - interval '30 days'");
  }

  private static Optional<Row> lock(Handle handle, String name) {
    return handle
        .createQuery("select version, seen, approved from mount where name = :name for update")
        .bind("name", name)
        .map(
            (row, context) ->
                new Row(
                    name,
                    row.getLong("version"),
                    object(row.getString("seen")),
                    object(row.getString("approved"))))
        .findOne();
  }

  private static void write(Handle handle, String name, ObjectNode seen, ObjectNode approved) {
    handle
        .createUpdate(
            """
            update mount set seen = :seen, approved = :approved, version = version + 1,
              used_at = clock_timestamp() where name = :name
            """)
        .bind("seen", seen.toString())
        .bind("approved", approved.toString())
        .bind("name", name)
        .execute();
  }

  private static ObjectNode object(String json) {
    return JSON.readTree(json) instanceof ObjectNode object ? object : Json.object();
  }
}
