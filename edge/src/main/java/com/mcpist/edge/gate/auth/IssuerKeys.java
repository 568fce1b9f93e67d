package com.mcpist.edge.gate.auth;

import com.mcpist.edge.wire.OwnRequest;
import com.mcpist.edge.wire.OwnRequest.UnexpectedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The issuer's keys. They stay known while the issuer does not answer. Safe for all threads. */
final class IssuerKeys {
  private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

  /** The age from which on keys are asked for anew, beside the call that found them so old. */
  static final Duration REFRESH = Duration.ofMinutes(10);

  /** The age from which on a call waits for new keys, unless a fetch failed since. */
  static final Duration STALE = Duration.ofMinutes(20);

  /**
   * The shortest time between two requests because of unknown keys, since anybody can name an
   * unknown key.
   */
  static final Duration UNKNOWN_KEY = Duration.ofMinutes(1);

  /**
   * The shortest time between two requests while no key is known, and so no token can be verified.
   */
  static final Duration NO_KEYS = Duration.ofSeconds(5);

  private static final int TIMEOUT_MILLIS = 3_000;

  private final Supplier<Future<String>> fetch;
  private final LongSupplier nanos;
  private volatile KeySet known = KeySet.NONE;
  private volatile long knownAt;
  private volatile @Nullable Long failedAt;
  private @Nullable Future<KeySet> asking;
  private @Nullable Long askedAt;
  private String lastFailure = "";

  IssuerKeys(Supplier<Future<String>> fetch, LongSupplier nanos) {
    this.fetch = fetch;
    this.nanos = nanos;
    this.knownAt = nanos.getAsLong();
  }

  /**
   * Returns a supplier that asks an issuer for its keys. No redirect is followed, and the
   * certificate is verified.
   */
  static Supplier<Future<String>> fetchFrom(Vertx vertx, URI uri) {
    HttpClient client =
        vertx
            .httpClientBuilder()
            .with(new HttpClientOptions().setConnectTimeout(TIMEOUT_MILLIS))
            // A connection without a handler that breaks while it idles is logged as an error.
            .withConnectHandler(connection -> connection.exceptionHandler(broken -> {}))
            .build();
    OwnRequest get = new OwnRequest(256 * 1024, Duration.ofMillis(TIMEOUT_MILLIS));
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(uri.toString())
            .putHeader("Accept", "application/jwk-set+json, application/json");
    return () -> {
      Promise<String> answer = Promise.promise();
      // The request is made on an event loop. On another thread the answer might come, and end,
      // before its reader is set.
      vertx
          .getOrCreateContext()
          .runOnContext(
              _ ->
                  get.ask(client, new RequestOptions(options), Buffer.buffer())
                      .compose(IssuerKeys::text)
                      .onComplete(answer));
      return answer.future();
    };
  }

  private static Future<String> text(OwnRequest.Answer answer) {
    int status = answer.head().statusCode();
    return status == 200
        ? Future.succeededFuture(answer.body())
        : Future.failedFuture(new UnexpectedException("code " + status));
  }

  KeySet known() {
    return known;
  }

  /** Returns true if the issuer has ever answered with a set of keys, which may have been empty. */
  boolean everKnown() {
    return known != KeySet.NONE;
  }

  /**
   * Asks for the keys anew if they are old. Returns true if a token should wait for {@link
   * #lookAgain}.
   */
  boolean refresh() {
    long age = since(knownAt);
    if (age >= REFRESH.toNanos()) {
      ask(UNKNOWN_KEY);
    }
    // While an issuer is away, a call that waits for it waits in vain.
    return age >= STALE.toNanos() && !isWithin(failedAt, STALE);
  }

  /**
   * Returns the keys that are known after a look for new ones, unless there was a look shortly
   * before. The future never fails.
   */
  Future<KeySet> lookAgain() {
    return ask(everKnown() ? UNKNOWN_KEY : NO_KEYS);
  }

  private synchronized Future<KeySet> ask(Duration apart) {
    if (asking != null) {
      return asking;
    }
    if (isWithin(askedAt, apart)) {
      return Future.succeededFuture(known);
    }
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
    failedAt = nanos.getAsLong();
    return known;
  }

  private String consequence() {
    return everKnown() ? "those that are known stay" : "no token can be verified";
  }

  private synchronized KeySet learn(KeySet keys) {
    if (keys != known) {
      known = keys;
      knownAt = nanos.getAsLong();
      failedAt = null;
      lastFailure = "";
    }
    return known;
  }

  private boolean isWithin(@Nullable Long moment, Duration time) {
    return moment != null && since(moment) < time.toNanos();
  }

  private long since(long moment) {
    return nanos.getAsLong() - moment;
  }
}
