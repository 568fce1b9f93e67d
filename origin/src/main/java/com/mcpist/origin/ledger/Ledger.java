package com.mcpist.origin.ledger;

import com.mcpist.module.Invocation;
import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.TooOldException;
import com.mcpist.origin.db.Database;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.Collector;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ledger's statements. Each method is one round trip: BEGIN travels with the first statement of
 * a transaction, and COMMIT with the last. The functions are in R__ledger.sql and R__storage.sql.
 */
public final class Ledger {
  /** What can be undone without the lock, or the claim, that the transaction has taken before. */
  private static final String SAVEPOINT = "; savepoint mcpist_work";

  /** The result of a call that acted outside, of which nobody knows how it ended. */
  public static final String UNKNOWN_OUTCOME = ToolResult.error(Outside.UNKNOWN).json().toString();

  /** The number of a try before the others, in which the tool's first statement enters. */
  static final int WITH_STATEMENT = 0;

  private static final String ENTER = "select * from ledger_enter(?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
  private static final String REFUSED = "refused";
  private static final String UNDELIVERED = "undelivered";
  private static final String UNDO = "rollback to savepoint mcpist_work; ";

  /** All but whether it was refused. */
  private static final String FINISH = "select ledger_finish(?,?,?,?,?,?,?,?,?,?,?,";

  /** The setting by which the triggers of R__billing.sql count a call. */
  private static final String COUNTS = " from set_config('mcpist.counts', 'on', true)";

  private final Config config;
  private final Observer observer;

  private final Counter outcomes =
      Counter.builder()
          .name("mcpist_ledger_outcomes_total")
          .help("What the ledger said of an attempt, or was told")
          .labelNames("outcome")
          .withoutExemplars()
          .build();

  /** How a transaction ends that stores something; where it is too much, by MC003. */
  private final String commit;

  /** Is told of each statement that has just ended, as {@link Database#ran}. */
  @FunctionalInterface
  interface Observer {
    void ran(String sql, long nanos, @Nullable SQLException failure);
  }

  Ledger(Config config, Observer observer) {
    this.config = config;
    this.observer = observer;
    Stream.of(Entry.State.values())
        .map(state -> state.name().toLowerCase(Locale.ROOT))
        .forEach(outcomes::initLabelValues);
    List.of(REFUSED, UNDELIVERED).forEach(outcomes::initLabelValues);
    this.commit = config.storageLimited() ? "; select stored_check(); commit" : "; commit";
  }

  Collector collector() {
    return outcomes;
  }

  /**
   * Begins the transaction of a call that writes. The try's number counts this attempt's
   * transactions, so that it can fence off its own last one.
   */
  Entry enter(Connection connection, LedgerCall call, int tryNumber) throws SQLException {
    return query(
        connection,
        ENTER + (call.mayBeAttemptedStill() ? SAVEPOINT : ""),
        this::entry,
        entering(call, tryNumber));
  }

  /**
   * Begins it with the tool's first statement, as the try {@link #WITH_STATEMENT}, and ends it with
   * its last one where the tool says what the result is then. Fails by {@link Failure#isOther}
   * where the call is not new, or the result another one. For the first attempt.
   */
  FirstStatement enterWithStatement(LedgerCall call) {
    return new FirstStatement(
        FirstStatement.Sql.of(ENTER, entering(call, WITH_STATEMENT)),
        outcomes.labelValues(Entry.State.ENTERED.name().toLowerCase(Locale.ROOT))::inc,
        last -> last instanceof ToolResult result ? finishing(call, result) : null);
  }

  private FirstStatement.@Nullable Sql finishing(LedgerCall call, ToolResult expected) {
    try {
      String result = StoredResult.write(expected);
      String sql = FINISH + "false)" + counts(result) + commit;
      return FirstStatement.Sql.of(sql, finishing(call, WITH_STATEMENT, result));
    } catch (ToolException e) {
      return null; // Its caller is told when the tool has run.
    }
  }

  private @Nullable Object[] entering(LedgerCall call, int tryNumber) {
    return new @Nullable Object[] {
      call.key(),
      call.attempt().number(),
      tryNumber,
      call.attempt().deadline(),
      config.lockWait(),
      config.statementTime(),
      config.idleTime(),
      call.tool().name(),
      call.hash(),
      call.sending(),
      call.attempt().until()
    };
  }

  /**
   * Records the call's result and commits. Throws SQLException also where the user may not store as
   * much: {@link Failure.StorageLimit}.
   */
  void finish(Connection connection, LedgerCall call, int tryNumber, String result)
      throws SQLException {
    record(FINISH + "false)" + counts(result) + commit, connection, call, tryNumber, result);
  }

  /**
   * Undoes what an attempt that has entered did, records for earlier ones that it was refused,
   * however much is stored, and commits. For calls that {@linkplain LedgerCall#mayBeAttemptedStill
   * may be attempted still}.
   */
  void refuse(Connection connection, LedgerCall call, int tryNumber) throws SQLException {
    record(UNDO + FINISH + "true); commit", connection, call, tryNumber, StoredResult.REFUSED);
    outcomes.labelValues(REFUSED).inc();
  }

  private void record(
      String sql, Connection connection, LedgerCall call, int tryNumber, String result)
      throws SQLException {
    run(connection, sql, finishing(call, tryNumber, result));
  }

  private @Nullable Object[] finishing(LedgerCall call, int tryNumber, String result) {
    return new @Nullable Object[] {
      call.key(),
      call.attempt().number(),
      tryNumber,
      call.attempt().deadline(),
      call.tool().name(),
      call.hash(),
      config.instance(),
      result
    };
  }

  /**
   * Claims a call that acts outside, and commits; again is whether a claim that another attempt
   * left behind may be taken over. Throws SQLException also where the user may store nothing more:
   * {@link Failure.StorageLimit}.
   */
  Entry claim(Connection connection, LedgerCall call, UUID claim, boolean again)
      throws SQLException {
    String sql =
        "select * from ledger_claim(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            + (call.mayBeAttemptedStill() ? SAVEPOINT : "")
            + commit;
    return query(
        connection,
        sql,
        this::entry,
        call.key(),
        call.attempt().number(),
        call.attempt().deadline(),
        call.tool().name(),
        call.hash(),
        config.instance(),
        claim,
        config.lease(),
        config.lockWait(),
        again,
        call.tool().renewsClaim(),
        call.sending(),
        call.attempt().until());
  }

  /**
   * Records that the client of a sending has no answer, and commits. Throws SQLException also if
   * the notice's deadline has passed, or if its call is too old: {@link Failure#tooOld}.
   */
  void undelivered(Connection connection, Notice notice) throws SQLException {
    run(
        connection,
        "select ledger_undelivered(?,?,?,?,?,?,?,?,?,?); commit",
        notice.attempt().key(),
        notice.attempt().deadline(),
        notice.tool(),
        notice.hash(),
        sending(notice.attempt()),
        notice.attempt().until(),
        config.lockWait());
    outcomes.labelValues(UNDELIVERED).inc();
  }

  /** Finishes a claim, and commits; gives the result that counts, which was recorded first. */
  String settle(Connection connection, LedgerCall call, String result) throws SQLException {
    String sql = "select ledger_settle(?,?,?,?,?,?,?,?)" + counts(result) + "; commit";
    return query(
        connection,
        sql,
        row -> row.getString(1),
        call.key(),
        call.attempt().deadline(),
        call.tool().name(),
        call.hash(),
        result);
  }

  /** Nobody pays for a call of which nobody knows whether it was done. */
  private String counts(String result) {
    return config.counts() && !result.equals(UNKNOWN_OUTCOME) ? COUNTS : "";
  }

  /**
   * Records for earlier attempts that a claim was refused, which has done nothing, and commits;
   * uncommitted is whether it is the refused end of the transaction that made the claim. For calls
   * that {@linkplain LedgerCall#mayBeAttemptedStill may be attempted still}.
   *
   * @return false if the claim has ended
   */
  boolean refuseClaim(Connection connection, LedgerCall call, UUID claim, boolean uncommitted)
      throws SQLException {
    String refuse = "select ledger_refuse_claim(?,?,?,?,?,?,?,?,?); commit";
    boolean refused =
        query(
            connection,
            uncommitted ? UNDO + refuse : refuse,
            row -> row.getBoolean(1),
            call.key(),
            call.attempt().deadline(),
            call.tool().name(),
            call.hash(),
            StoredResult.REFUSED,
            claim);
    if (refused) {
      outcomes.labelValues(REFUSED).inc();
    }
    return refused;
  }

  /**
   * Gives up a claim of this user's whose call has done nothing, and commits.
   *
   * @return false if the claim has ended
   */
  boolean giveUp(Connection connection, String user, UUID claim) throws SQLException {
    return query(
        connection, "select ledger_give_up(?,?); commit", row -> row.getBoolean(1), user, claim);
  }

  /** Renews the leases of claims, commits, and returns the claims that have not ended. */
  Set<UUID> renew(Connection connection, Set<UUID> claims) throws SQLException {
    String sql = "select ledger_renew(?,?); commit";
    Array ids = connection.createArrayOf("uuid", claims.toArray());
    Set<UUID> renewed = new HashSet<>();
    try (PreparedStatement s = connection.prepareStatement(sql)) {
      execute(s, sql, ids, config.lease());
      try (ResultSet rows = s.getResultSet()) {
        while (rows.next()) {
          renewed.add(rows.getObject(1, UUID.class));
        }
      }
    }
    return renewed;
  }

  /**
   * Renews the lease of a claim right before its call acts, and commits. Returns how long the call
   * may act, measured from the moment before this statement was sent. Returns empty if it must not
   * act: the claim has ended, or the deadline has passed.
   */
  Optional<Duration> hold(Connection connection, LedgerCall call, UUID claim) throws SQLException {
    return query(
        connection,
        "select ledger_hold(?,?,?); commit",
        row -> {
          int millis = row.getInt(1);
          return row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
        },
        claim,
        config.lease(),
        call.attempt().deadline());
  }

  /** Returns true if an attempt at the call is recorded that has run, or may have run, the call. */
  boolean isRecorded(Connection connection, Attempt.Key key) throws SQLException {
    return query(
        connection, "select ledger_is_recorded(?,?,?,?); commit", row -> row.getBoolean(1), key);
  }

  /**
   * Deletes so many calls that have expired, at most, and commits; says how many. Passes over what
   * another origin is deleting.
   */
  int clean(Connection connection, int most) throws SQLException {
    return query(connection, "select ledger_clean(?); commit", row -> row.getInt(1), most);
  }

  /** Adds up what users have stored since the last time, and commits. */
  void fold(Connection connection) throws SQLException {
    run(connection, "select stored_fold(); commit");
  }

  private void run(Connection connection, String sql, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement s = connection.prepareStatement(sql)) {
      execute(s, sql, parameters);
    }
  }

  private void execute(PreparedStatement s, String sql, @Nullable Object... parameters)
      throws SQLException {
    Parameters.bind(s, 0, Arrays.asList(parameters));
    long began = System.nanoTime();
    SQLException failure = null;
    try {
      s.execute();
    } catch (SQLException e) {
      failure = e;
      throw e;
    } finally {
      observer.ran(sql, System.nanoTime() - began, failure);
    }
  }

  /** Reads the one row of the first statement that returns rows. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> T query(
      Connection connection, String sql, Reader<T> reader, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement s = connection.prepareStatement(sql)) {
      execute(s, sql, parameters);
      while (s.getResultSet() == null && (s.getMoreResults() || s.getUpdateCount() >= 0)) {
        // A rollback to a savepoint returns no rows.
      }
      try (ResultSet row = s.getResultSet()) {
        row.next();
        return reader.read(row);
      }
    }
  }

  private Entry entry(ResultSet row) throws SQLException {
    String state = row.getString("state");
    outcomes.labelValues(state).inc();
    return new Entry(
        Entry.State.valueOf(state.toUpperCase(Locale.ROOT)),
        row.getString("stored_tool"),
        row.getString("stored_hash"),
        row.getString("stored_result"),
        row.getString("again_id"),
        row.getInt("again_index"));
  }

  /**
   * What the ledger knows of a call: what the attempt may do; the tool and the hash of the call
   * under this key, null where there was none; its result, null where it has none yet; the call
   * that this sending is again.
   */
  record Entry(
      State state,
      @Nullable String tool,
      @Nullable String hash,
      @Nullable String result,
      @Nullable String callId,
      int index) {
    enum State {
      /** The call is this attempt's to do. */
      ENTERED,
      /** The key has been used. */
      FOUND,
      /** Another attempt is at it. */
      BUSY,
      /** Another attempt was at it, and is gone; nobody knows how far it came. */
      UNKNOWN,
      /** It is another sending of a call that was not answered. */
      AGAIN,
      /** A further sending, so late that the first may be forgotten. */
      OLD
    }

    /**
     * The result that the call gave, empty where it has none yet. Throws ToolException when the key
     * was used for another call, TooOldException where nothing is known of it any more.
     */
    Optional<ToolResult> resultOf(LedgerCall call) throws ToolException, TooOldException {
      if (state == State.OLD) {
        throw new TooOldException();
      }
      if (tool != null && !(tool.equals(call.tool().name()) && call.hash().equals(hash))) {
        throw new ToolException(
            "This Idempotency-Key was used for another call. Nothing was run now. Use a new key for"
                + " each call, and the same key only to send the same call again.");
      }
      return Optional.ofNullable(result).map(StoredResult::read);
    }
  }

  /** Names a sending as the ledger does: by the edge's id and the position in a batch. */
  private static String sending(Attempt attempt) {
    return attempt.sending().callId() + "/" + attempt.sending().index();
  }

  /**
   * Says that the client of a sending has no answer. The tool is only named, since the process that
   * records the notice may not offer it.
   */
  record Notice(Attempt attempt, String tool, String hash) {
    static Notice of(String tool, Invocation invocation) throws ToolException {
      return new Notice(
          LedgerCall.checked(invocation.attempt()), tool, LedgerCall.hash(invocation.arguments()));
    }
  }

  /** An attempt; the hash of its arguments is the same for any order of their properties. */
  record LedgerCall(Tool tool, Invocation invocation, Attempt attempt, String hash) {
    /** The longest key in characters. A longer key does not fit into an index. */
    private static final int LONGEST_ID = 255;

    private static final ObjectWriter SORTED =
        JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build().writer();

    static LedgerCall of(Tool tool, Invocation invocation) throws ToolException {
      return new LedgerCall(
          tool, invocation, checked(invocation.attempt()), hash(invocation.arguments()));
    }

    private static Attempt checked(Attempt attempt) throws ToolException {
      if (attempt.key().id().length() > LONGEST_ID) {
        throw new ToolException(
            "The Idempotency-Key is longer than " + LONGEST_ID + " characters.");
      }
      return attempt;
    }

    /** Returns this attempt as an attempt at the earlier call that the entry names. */
    LedgerCall again(Entry entry) {
      String callId = Objects.requireNonNull(entry.callId(), "the call");
      return new LedgerCall(tool, invocation, attempt.at(callId, entry.index()), hash);
    }

    String sending() {
      return Ledger.sending(attempt);
    }

    Attempt.Key key() {
      return attempt.key();
    }

    /**
     * Whether earlier attempts may come, or go on, after the client has been told that this one was
     * refused. Where the key is the client's it may mend its call and send that under the same key,
     * so nothing can be recorded that stands in their way.
     */
    boolean mayBeAttemptedStill() {
      return attempt.number() > 1 && !key().fromClient();
    }

    private static String hash(ObjectNode arguments) {
      try {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        var digested = new DigestOutputStream(OutputStream.nullOutputStream(), sha256);
        SORTED.writeValue(new OutputStreamWriter(digested, StandardCharsets.UTF_8), arguments);
        return HexFormat.of().formatHex(sha256.digest());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("The JDK has no SHA-256", e);
      }
    }
  }

  /**
   * The ledger's limits: the longest wait for a lock, the call's or a row's; the longest statement;
   * the longest pause between two statements of a transaction; how long an attempt without a
   * deadline waits for another one to end; for how long a claim is alive after its process last
   * said so; about how often expired calls are deleted. The instance names this process in records.
   * {@code counts}: whether calls are paid.
   */
  public record Config(
      String instance,
      Duration lockWait,
      Duration statementTime,
      Duration idleTime,
      Duration busyWait,
      Duration lease,
      Duration cleanEvery,
      boolean storageLimited,
      boolean counts) {
    public static Config of(String instance, boolean storageLimited, boolean counts) {
      return new Config(
          instance,
          Duration.ofSeconds(5),
          Failure.STATEMENT_TIME,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          storageLimited,
          counts);
    }
  }
}
