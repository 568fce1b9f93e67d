package com.mcpist.edge.gate;

import com.mcpist.edge.gate.Rejection.Refusal;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.Authenticator;
import com.mcpist.edge.gate.auth.JwtSettings;
import com.mcpist.edge.gate.auth.Verdict;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Decides who gets in, and how often. Safe for all threads. */
public final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final String WITHOUT_KEYS_SECONDS = "5";
  private static final Future<Verdict> LOCAL =
      Future.succeededFuture(new Verdict.Admitted(Caller.LOCAL));

  private final RateLimits limits;
  private final KnownKeys keys;
  private final @Nullable Authenticator authenticator;
  private final @Nullable Challenge challenge;

  public sealed interface Entry {
    /**
     * The caller is let in.
     *
     * @param account who accounts for the call
     */
    record Open(Caller caller, Account account) implements Entry {}

    record Closed(Refusal refusal) implements Entry {}
  }

  /** Who accounts for a call. */
  public enum Account {
    /** The user alone: the user's token is valid, or an origin has accepted the user's key. */
    USER,
    /** The address's share for new keys, until an origin accepts the key; the user, too. */
    NEW_KEY,
    /** The address, as for a request without credential; the user, too. */
    ADDRESS
  }

  /**
   * Creates a gate, and begins to get an issuer's keys, if there is an issuer. {@code nanos} is a
   * clock.
   */
  public Gate(
      Vertx vertx, Authentication authentication, LimitSettings settings, LongSupplier nanos) {
    this.limits = new RateLimits(settings, nanos);
    this.keys = new KnownKeys(nanos);
    if (authentication instanceof Authentication.Required required) {
      this.authenticator = Authenticator.start(vertx, required, nanos);
      this.challenge = Challenge.of(required);
    } else {
      this.authenticator = null;
      this.challenge = null;
    }
  }

  public boolean asks() {
    return authenticator != null;
  }

  public RateLimits limits() {
    return limits;
  }

  /** Returns the keys that an origin has accepted or refused. */
  public KnownKeys keys() {
    return keys;
  }

  /** Counts a request of any kind for its address. Returns a refusal if there are too many. */
  public Optional<Refusal> address(HttpServerRequest request) {
    return limits.ofAddress(addressOf(request));
  }

  /**
   * Returns the address where a request comes from. All IPv6 addresses of one line count as one.
   */
  public String addressOf(HttpServerRequest request) {
    return limits.address(
        request.remoteAddress().hostAddress(), () -> request.headers().getAll(FORWARDED_FOR));
  }

  /**
   * Returns who makes a call, and whether the call is let in. The caller is checked first, and the
   * call is counted then: for its address only if the edge cannot tell by itself who calls. The
   * future is complete at once unless a signature must be verified or an issuer must be asked.
   */
  public Future<Entry> enter(HttpServerRequest call) {
    Authenticator asked = authenticator;
    Future<Verdict> verdict =
        asked == null
            ? LOCAL
            : Future.succeededFuture(call.headers().getAll(HttpHeaders.AUTHORIZATION))
                // An exception that this throws becomes a failure, too.
                .compose(values -> asked.check(call.uri(), values));
    return verdict.map(found -> entry(found, call)).otherwise(this::unforeseen);
  }

  /**
   * Notes that an origin has answered a call that was let in. Returns true if the caller's user
   * alone accounts for the caller's calls from now on.
   */
  public boolean answered(HttpServerRequest call, Entry.Open open, int status) {
    keys.answered(open.caller(), status);
    if (open.account() == Account.NEW_KEY && keys.accepts(open.caller())) {
      limits.keyAccepted(addressOf(call));
      return true;
    }
    return open.account() == Account.USER;
  }

  /**
   * Returns a refusal if no more of a body is taken in. The body had {@code from} bytes and has
   * {@code to} now.
   */
  public Optional<Refusal> body(Caller caller, int from, int to) {
    return limits.ofBody(caller.userId(), from, to);
  }

  private Entry entry(Verdict verdict, HttpServerRequest call) {
    return switch (verdict) {
      case Verdict.Admitted(Caller caller) -> {
        Account account = account(caller);
        yield crowded(account, call)
            .or(() -> limits.ofUser(caller.userId()))
            .<Entry>map(Entry.Closed::new)
            .orElseGet(() -> new Entry.Open(caller, account));
      }
      case Verdict.Refused(Verdict.Reason reason) ->
          new Entry.Closed(address(call).orElseGet(() -> refusal(reason)));
    };
  }

  private Account account(Caller caller) {
    if (authenticator == null || !limits.countUsers() || keys.refuses(caller)) {
      return Account.ADDRESS;
    }
    return caller.isKey() && !keys.accepts(caller) ? Account.NEW_KEY : Account.USER;
  }

  private Optional<Refusal> crowded(Account account, HttpServerRequest call) {
    return switch (account) {
      case USER -> Optional.empty();
      case NEW_KEY -> limits.ofNewKey(addressOf(call));
      case ADDRESS -> limits.ofAddress(addressOf(call));
    };
  }

  /** Turns a caller away who could not be checked, so that no fault of the edge lets anybody in. */
  private Entry unforeseen(Throwable failure) {
    LOG.error("A caller could not be checked", failure);
    return new Entry.Closed(refusal(Verdict.Reason.UNAVAILABLE));
  }

  private Refusal refusal(Verdict.Reason reason) {
    Rejection rejection =
        switch (reason) {
          case UNAUTHENTICATED -> Rejection.UNAUTHENTICATED;
          case MALFORMED -> Rejection.INVALID_REQUEST;
          case INVALID, EXPIRED, WRONG_AUDIENCE -> Rejection.INVALID_TOKEN;
          case INSUFFICIENT_SCOPE -> Rejection.INSUFFICIENT_SCOPE;
          case UNAVAILABLE -> Rejection.AUTH_UNAVAILABLE;
        };
    if (reason == Verdict.Reason.UNAVAILABLE) {
      return new Refusal(rejection, Map.of("Retry-After", WITHOUT_KEYS_SECONDS));
    }
    return challenge == null
        ? Refusal.of(rejection)
        : new Refusal(rejection, Map.of("WWW-Authenticate", challenge.header(reason)));
  }

  /**
   * Returns the challenge for a client whose key an origin does not know; empty without
   * authentication.
   */
  public Optional<String> challengeOfOrigin() {
    return Optional.ofNullable(challenge).map(known -> known.header(Verdict.Reason.INVALID));
  }

  /** Returns the protected resource's metadata as JSON; empty if there is none. */
  public Optional<String> metadata() {
    return Optional.ofNullable(challenge).map(Challenge::metadata);
  }

  /**
   * The challenge that tells a client what to bring: the WWW-Authenticate header, and RFC 9728's
   * metadata. Without {@code jwt} only keys are taken. No server issues keys, so there is no
   * metadata then.
   */
  private record Challenge(URI resource, @Nullable JwtSettings jwt, List<String> scopes) {
    private static final String METADATA_PATH = "/.well-known/oauth-protected-resource";

    static Challenge of(Authentication.Required required) {
      JwtSettings jwt = required.jwt();
      List<String> scopes = jwt == null ? List.of() : jwt.scopes().stream().sorted().toList();
      return new Challenge(required.resource(), jwt, scopes);
    }

    String header(Verdict.Reason reason) {
      StringBuilder value = new StringBuilder("Bearer realm=\"mcpist\"");
      if (jwt != null) {
        // RFC 9728: the well-known path goes between the host and the resource's own path.
        URI metadata = resource.resolve(METADATA_PATH + resource.getRawPath());
        add(value, "resource_metadata", metadata.toString());
      }
      if (!scopes.isEmpty()) {
        add(value, "scope", String.join(" ", scopes));
      }
      if (reason != Verdict.Reason.UNAUTHENTICATED) {
        add(value, "error", reason.error());
        add(value, "error_description", reason.description());
      }
      return value.toString();
    }

    private static void add(StringBuilder value, String name, String text) {
      value.append(", ").append(name).append("=\"").append(text).append('"');
    }

    @Nullable String metadata() {
      if (jwt == null) {
        return null;
      }
      ObjectNode metadata = JsonMapper.shared().createObjectNode();
      metadata.put("resource", resource.toString());
      metadata.putArray("authorization_servers").add(jwt.issuer());
      metadata.putArray("bearer_methods_supported").add("header");
      if (!scopes.isEmpty()) {
        scopes.forEach(metadata.putArray("scopes_supported")::add);
      }
      return metadata.put("resource_name", "MCPist").toString();
    }
  }
}
