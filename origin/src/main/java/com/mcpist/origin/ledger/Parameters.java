package com.mcpist.origin.ledger;

import com.mcpist.module.Invocation.Attempt;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parameters of the ledger's statements. */
final class Parameters {
  private Parameters() {}

  /**
   * After so many others: a key is four, a duration is milliseconds, and null is no instant.
   * Returns how many there are then.
   */
  static int bind(PreparedStatement s, int others, List<@Nullable Object> parameters)
      throws SQLException {
    int i = others;
    for (Object parameter : parameters) {
      switch (parameter) {
        // Without the name it would have no type, for which pgjdbc asks the server each time.
        case null -> s.setNull(++i, Types.TIMESTAMP_WITH_TIMEZONE, "timestamptz");
        case Attempt.Key key -> {
          s.setString(++i, key.user());
          s.setBoolean(++i, key.fromClient());
          s.setString(++i, key.id());
          s.setInt(++i, key.index());
        }
        case Instant instant -> s.setObject(++i, instant.atOffset(ZoneOffset.UTC));
        case Duration duration -> s.setInt(++i, Math.toIntExact(duration.toMillis()));
        default -> s.setObject(++i, parameter);
      }
    }
    return i;
  }
}
