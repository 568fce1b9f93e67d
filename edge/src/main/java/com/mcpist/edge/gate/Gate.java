package com.mcpist.edge.gate;

import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.Authenticator;
import com.mcpist.edge.gate.auth.Caller;
import com.mcpist.edge.gate.auth.Challenge;
import com.mcpist.edge.gate.auth.Verdict;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who gets in, and how often; safe for all threads. */
public final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final String WITHOUT_KEYS_SECONDS = "5";
  private static final Future<Entry> LOCAL = Future.succeededFuture(new Entry.Open(Caller.LOCAL));

  private final RateLimits limits;
  private final AddressConnections connections;
  private final @Nullable Authenticator authenticator;
  private final @Nullable Challenge challenge;

  /** What becomes of a request at the gate. */
  public sealed interface Entry {
    /** It gets in. */
    record Open(Caller caller) implements Entry {}

    /** It is turned away. */
    record Closed(Refusal refusal) implements Entry {}
  }

  /**
   * Opens it, and begins to get an issuer's keys where there is one.
   *
   * @param nanos a clock that only goes forward
   */
  public Gate(
      Vertx vertx, Authentication authentication, LimitSettings settings, LongSupplier nanos) {
    this.limits = new RateLimits(settings, nanos);
    this.connections = new AddressConnections(settings);
    if (authentication instanceof Authentication.Required required) {
      this.authenticator = Authenticator.start(vertx, required, nanos);
      this.challenge = new Challenge(required);
    } else {
      this.authenticator = null;
      this.challenge = null;
    }
  }

  /** Whether clients are asked who they are. */
  public boolean asks() {
    return authenticator != null;
  }

  /** Each address's connections. */
  public AddressConnections connections() {
    return connections;
  }

  /** Counts a request of any kind by its address. */
  public Optional<Refusal> address(HttpServerRequest request) {
    return limits.ofAddress(
        request.remoteAddress().hostAddress(), () -> request.headers().getAll(FORWARDED_FOR));
  }

  /**
   * Who makes this call, and whether that one may make another. Completed at once but where an
   * issuer must be asked for a key.
   *
   * @param uri whose query must have no token
   */
  public Future<Entry> enter(String uri, MultiMap headers) {
    Authenticator asked = authenticator;
    Future<Entry> entry =
        asked == null
            ? LOCAL
            : Future.succeededFuture(headers.getAll(HttpHeaders.AUTHORIZATION))
                .compose(values -> asked.check(uri, values)) // What it throws is a failure, too.
                .map(this::entry);
    return entry.map(this::counted).otherwise(this::unforeseen);
  }

  /** Nobody gets in by a mistake of the edge's own. */
  private Entry unforeseen(Throwable failure) {
    LOG.error("A caller could not be checked", failure);
    return new Entry.Closed(refusal(Verdict.Reason.UNAVAILABLE));
  }

  private Entry entry(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Admitted(Caller caller) -> new Entry.Open(caller);
      case Verdict.Refused(Verdict.Reason reason) -> new Entry.Closed(refusal(reason));
    };
  }

  private Refusal refusal(Verdict.Reason reason) {
    return switch (reason) {
      case UNAUTHENTICATED -> challenged(Rejection.UNAUTHENTICATED, reason);
      case MALFORMED -> challenged(Rejection.INVALID_REQUEST, reason);
      case INVALID, EXPIRED, WRONG_AUDIENCE -> challenged(Rejection.INVALID_TOKEN, reason);
      case INSUFFICIENT_SCOPE -> challenged(Rejection.INSUFFICIENT_SCOPE, reason);
      case UNAVAILABLE ->
          new Refusal(Rejection.AUTH_UNAVAILABLE, Map.of("Retry-After", WITHOUT_KEYS_SECONDS));
    };
  }

  private Refusal challenged(Rejection rejection, Verdict.Reason reason) {
    return challenge(reason)
        .map(value -> new Refusal(rejection, Map.of("WWW-Authenticate", value)))
        .orElse(Refusal.of(rejection));
  }

  private Optional<String> challenge(Verdict.Reason reason) {
    return Optional.ofNullable(challenge).map(known -> known.header(reason));
  }

  private Entry counted(Entry entry) {
    return entry instanceof Entry.Open(Caller caller)
        ? limits.ofUser(caller.userId()).<Entry>map(Entry.Closed::new).orElse(entry)
        : entry;
  }

  /** What a client is told whose key an origin does not know; empty where nobody is asked. */
  public Optional<String> challengeOfOrigin() {
    return challenge(Verdict.Reason.INVALID);
  }

  /** The protected resource's metadata; empty where there is none. */
  public Optional<String> metadata() {
    return Optional.ofNullable(challenge).map(Challenge::metadata);
  }
}
