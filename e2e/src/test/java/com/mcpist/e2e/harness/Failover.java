package com.mcpist.e2e.harness;

import com.mcpist.testkit.Conditions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An event of this kind, as the origins keep it. */
public record Failover(String message, boolean over, JsonNode data) {
  /** By which the edge's may be behind. */
  private static final Duration CLOCKS = Duration.ofMillis(200);

  private static final String BEGUN_SINCE =
      "select message, ended is not null, data from event where kind = 'failover' and at >= ? order"
          + " by at";

  /** Those that have begun since then, once they are over: one, or more on a busy machine. */
  public static List<Failover> all(DataSource database, Instant since) {
    return Conditions.awaitValue(
        "failovers, which are over",
        Conditions.LIMIT,
        () -> {
          List<Failover> all = since(database, since);
          if (!all.isEmpty() && all.stream().allMatch(Failover::over)) {
            return Optional.of(all);
          }
          throw new AssertionError(all.toString());
        });
  }

  private static List<Failover> since(DataSource database, Instant since) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(BEGUN_SINCE)) {
      select.setObject(1, OffsetDateTime.ofInstant(since.minus(CLOCKS), ZoneOffset.UTC));
      List<Failover> found = new ArrayList<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          JsonNode data = JsonMapper.shared().readTree(row.getString(3));
          found.add(new Failover(row.getString(1), row.getBoolean(2), data));
        }
      }
      return found;
    }
  }
}
