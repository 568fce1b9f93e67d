package com.mcpist.origin.status;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Json;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes status pages, one at a time, whoever asks: calls keep the database's connections. */
public final class StatusEndpoint {
  public static final int MAX_BODY_BYTES = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(StatusEndpoint.class);

  /** One is made, the others wait. */
  private static final int AT_ONCE = 16;

  private static final long TURN_MILLIS = 2_000;
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();

  private final Source source;
  private final Supplier<List<ObjectNode>> mounts;
  private final LongSupplier nanos;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final ReentrantLock turn = new ReentrantLock(true);

  /** What the database said last, empty where it did not answer. Of who has a turn. */
  private Optional<History> kept = Optional.empty();

  private long keptNanos;

  StatusEndpoint(Source source, Supplier<List<ObjectNode>> mounts, LongSupplier nanos) {
    this.source = source;
    this.mounts = mounts;
    this.nanos = nanos;
    this.keptNanos = nanos.getAsLong() - KEPT_NANOS;
  }

  /** {@code ready}: whether the database has its schema; {@code mounts}: how each is. */
  public static StatusEndpoint of(
      Database database, BooleanSupplier ready, Supplier<List<ObjectNode>> mounts) {
    return new StatusEndpoint(
        ids -> {
          if (!ready.getAsBoolean()) {
            throw new SQLException("The database is away, or its schema is not there yet");
          }
          return History.read(database, MAPPER, ids);
        },
        mounts,
        System::nanoTime);
  }

  /** Without a history. */
  public static StatusEndpoint off() {
    return new StatusEndpoint(
        _ -> {
          throw new SQLException("This origin has no database");
        },
        List::of,
        System::nanoTime);
  }

  /** Reads the history, with the calls of these ids, where they are not null. */
  @FunctionalInterface
  interface Source {
    History read(@Nullable List<String> ids) throws SQLException;
  }

  /** HTML, and its Content-Security-Policy. */
  public record Page(String html, String policy) {}

  /** Blocks for some seconds at most. Throws RefusedException: it is malformed, or too much. */
  public Page answer(byte[] body) throws RefusedException {
    Asked asked = read(body);
    if (!places.tryAcquire()) {
      throw busy();
    }
    try {
      if (!turn.tryLock(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
        throw busy();
      }
      try {
        return new Page(html(asked).text(), Document.POLICY);
      } finally {
        turn.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    } finally {
      places.release();
    }
  }

  private static Asked read(byte[] body) throws RefusedException {
    try {
      Asked asked = MAPPER.readValue(body, Asked.class);
      if (asked != null) {
        return asked;
      }
    } catch (JacksonException e) {
      LOG.warn("An edge asked for a status page in another form: {}", Json.problem(e));
    }
    throw new RefusedException(
        400, "bad_request", "This is no question for a status page", Map.of());
  }

  private static RefusedException busy() {
    return new RefusedException(
        503, "busy", "Earlier status pages are not made yet", Map.of("Retry-After", "1"));
  }

  private Html html(Asked asked) {
    Texts texts = Texts.of(asked.language());
    String call = asked.call();
    Optional<History> history = history(call == null ? null : CallSearch.ids(call));
    return switch (asked.part()) {
      case PAGE -> new StatusPage(texts, asked, history, mounts.get()).page();
      case MAIN -> new StatusPage(texts, asked, history, mounts.get()).main();
      case PUBLIC -> new PublicPage(texts, asked.edge(), history).page();
    };
  }

  private Optional<History> history(@Nullable List<String> ids) {
    if (ids == null && nanos.getAsLong() - keptNanos < KEPT_NANOS) {
      return kept;
    }
    Optional<History> read;
    try {
      read = Optional.of(source.read(ids));
    } catch (SQLException | RuntimeException e) {
      LOG.info("The history could not be read: {}", Database.firstLine(e));
      read = Optional.empty();
    }
    // A search may take too long where the rest does not.
    if (ids == null || read.isPresent()) {
      kept = read.map(History::withoutCalls);
      keptNanos = nanos.getAsLong();
    }
    return read;
  }
}
