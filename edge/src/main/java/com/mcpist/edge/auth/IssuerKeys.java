package com.mcpist.edge.auth;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The issuer's keys as they are known, for all threads. What is known stays known while the issuer
 * does not answer.
 */
final class IssuerKeys {
  private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

  /** A key that the issuer takes back is refused after this long. */
  static final Duration REFRESH = Duration.ofMinutes(10);

  /** Between two questions because of unknown keys: anybody can name one. */
  static final Duration UNKNOWN_KEY = Duration.ofMinutes(1);

  /** The same as long as no key is known, when no token can be verified. */
  static final Duration NO_KEYS = Duration.ofSeconds(5);

  private final Fetch fetch;
  private final LongSupplier nanos;
  private volatile KeySet known = KeySet.NONE;
  private volatile long knownAt;
  private @Nullable Future<KeySet> asking;
  private boolean asked;
  private long askedAt;
  private String lastFailure = "";

  IssuerKeys(Fetch fetch, LongSupplier nanos) {
    this.fetch = fetch;
    this.nanos = nanos;
    this.knownAt = nanos.getAsLong();
  }

  KeySet known() {
    return known;
  }

  /** A token came: sees to it that what is known is not old. */
  void refresh() {
    if (since(knownAt) >= REFRESH.toNanos()) {
      ask(UNKNOWN_KEY);
    }
  }

  /**
   * Looks for a key that is not known, unless that was done shortly before.
   *
   * @return what is known then; never fails
   */
  Future<KeySet> lookAgain() {
    return ask(known.isEmpty() ? NO_KEYS : UNKNOWN_KEY);
  }

  private synchronized Future<KeySet> ask(Duration apart) {
    if (asking != null) {
      return asking;
    }
    if (asked && since(askedAt) < apart.toNanos()) {
      return Future.succeededFuture(known);
    }
    asked = true;
    askedAt = nanos.getAsLong();
    Future<KeySet> answer = fetch.get().map(KeySet::parse).otherwise(this::keep).map(this::learn);
    if (!answer.isComplete()) {
      asking = answer;
      answer.onComplete(done -> askedOnce());
    }
    return answer;
  }

  private synchronized void askedOnce() {
    asking = null;
  }

  private synchronized KeySet keep(Throwable failure) {
    String reason = String.valueOf(failure.getMessage());
    if (!reason.equals(lastFailure)) {
      LOG.warn("The issuer's keys could not be had ({}), so {}", reason, consequence());
    }
    lastFailure = reason;
    return known;
  }

  private String consequence() {
    return known.isEmpty() ? "no token can be verified" : "those that are known stay";
  }

  private synchronized KeySet learn(KeySet keys) {
    if (keys != known) {
      known = keys;
      knownAt = nanos.getAsLong();
      lastFailure = "";
    }
    return known;
  }

  private long since(long moment) {
    return nanos.getAsLong() - moment;
  }
}
