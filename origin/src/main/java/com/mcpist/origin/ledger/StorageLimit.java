package com.mcpist.origin.ledger;

import com.mcpist.origin.module.ToolException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What stored_check says where a user's plan allows no more to be stored. */
final class StorageLimit {
  private static final String STATE = "MC003";
  private static final double MIB = 1024.0 * 1024;

  private StorageLimit() {}

  /** What the caller is told, where that is why it failed. */
  static Optional<ToolException> refusal(Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException e && STATE.equals(e.getSQLState())) {
        ToolException refusal = new ToolException(message(e));
        refusal.initCause(e);
        return Optional.of(refusal);
      }
    }
    return Optional.empty();
  }

  private static String message(SQLException e) {
    String[] bytes = detail(e).split(" ", -1);
    long stored = Long.parseLong(bytes[0]);
    long kept = Long.parseLong(bytes[1]);
    long most = Long.parseLong(bytes[2]);
    return "Nothing was done: it would make what you have stored here %s, and you may store %s. %s"
        .formatted(mib(stored), mib(most), kept > most / 2 ? toWait(kept) : toDelete(kept));
  }

  /** Three amounts of bytes: what there would be, what of it is the ledger's, what may be. */
  private static String detail(SQLException e) {
    ServerErrorMessage said = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    if (said == null || said.getDetail() == null) {
      throw new IllegalStateException("PostgreSQL has told no detail", e);
    }
    return said.getDetail();
  }

  private static String toDelete(long kept) {
    return ("Delete what you do not need, then call again. What is kept of your earlier calls, so"
            + " that none is done twice, is %s of it, and goes by itself within a day.")
        .formatted(mib(kept));
  }

  private static String toWait(long kept) {
    return ("Most of it, %s, is what is kept of your earlier calls, so that none is done twice."
            + " That goes by itself: within a quarter of an hour, or within a day of calls with"
            + " an Idempotency-Key.")
        .formatted(mib(kept));
  }

  /** Rounded up, so that too much is never said to be just enough. */
  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", Math.ceil(bytes / MIB * 10) / 10);
  }
}
