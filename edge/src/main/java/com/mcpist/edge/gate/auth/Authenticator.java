package com.mcpist.edge.gate.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds out who calls. Safe for all threads. */
public final class Authenticator {
  private static final int MOST_TOKENS = 10_000;

  /**
   * The name and the size of the pool that verifies signatures. A signature costs up to a
   * millisecond, and anybody may send any number of forged tokens. So the event loop, which serves
   * the users whose tokens are verified already, verifies none. One thread leaves the other
   * processors to the calls.
   */
  private static final String POOL = "token-check";

  private static final int THREADS = 1;

  private final Authentication.Required required;
  private final @Nullable TokenCheck check;
  private final IssuerKeys keys;
  private final Worker worker;
  private final InstantSource clock;

  /**
   * The tokens that are verified. A signature is verified once, for as long as the keys and the
   * token last.
   */
  private final Cache<String, Verified> verified =
      Caffeine.newBuilder().maximumSize(MOST_TOKENS).build();

  private record Verified(KeySet by, TokenCheck.Result result) {}

  /** Runs the checks of tokens, and completes a future with the result of each. */
  interface Worker {
    Future<TokenCheck.Result> run(Callable<TokenCheck.Result> check);
  }

  Authenticator(
      Authentication.Required required,
      Supplier<Future<String>> fetch,
      Worker worker,
      InstantSource clock,
      LongSupplier nanos) {
    JwtSettings jwt = required.jwt();
    this.required = required;
    this.check = jwt == null ? null : new TokenCheck(jwt);
    this.keys = new IssuerKeys(fetch, nanos);
    this.worker = worker;
    this.clock = clock;
  }

  /**
   * Creates an authenticator, and begins to get the issuer's keys. {@code nanos} is a clock that
   * only goes forward.
   */
  public static Authenticator start(
      Vertx vertx, Authentication.Required required, LongSupplier nanos) {
    JwtSettings jwt = required.jwt();
    Supplier<Future<String>> fetch =
        jwt == null
            ? () -> Future.failedFuture("no issuer")
            : IssuerKeys.fetchFrom(vertx, jwt.jwks());
    Worker worker = vertx.createSharedWorkerExecutor(POOL, THREADS)::executeBlocking;
    Authenticator started =
        new Authenticator(required, fetch, worker, InstantSource.system(), nanos);
    if (jwt != null) {
      started.keys.lookAgain();
    }
    return started;
  }

  /**
   * Returns whose a request is. The future is complete at once, unless a signature must be verified
   * or the issuer must be asked for a key.
   */
  public Future<Verdict> check(String uri, List<String> authorization) {
    if (Credentials.areInQuery(uri)) {
      return refused(Verdict.Reason.MALFORMED);
    }
    if (Credentials.areNone(authorization)) {
      return refused(Verdict.Reason.UNAUTHENTICATED);
    }
    Optional<String> token = Credentials.token(authorization);
    if (token.isEmpty()) {
      return refused(Verdict.Reason.MALFORMED);
    }
    if (token.get().length() > Credentials.MAX_TOKEN) {
      return refused(Verdict.Reason.INVALID);
    }
    return token.get().startsWith(Credentials.KEY_PREFIX) ? key(token.get()) : token(token.get());
  }

  private static Future<Verdict> refused(Verdict.Reason reason) {
    return Future.succeededFuture(new Verdict.Refused(reason));
  }

  private Future<Verdict> key(String key) {
    if (!required.keys() || !Credentials.isKey(key)) {
      return refused(Verdict.Reason.INVALID);
    }
    return Future.succeededFuture(new Verdict.Admitted(Caller.ofKey(Credentials.digest(key))));
  }

  private Future<Verdict> token(String token) {
    TokenCheck tokens = check;
    if (tokens == null) {
      return refused(Verdict.Reason.INVALID);
    }
    boolean stale = keys.refresh();
    @Nullable String keyId = TokenCheck.keyId(token);
    boolean unknown = keyId != null && !keys.known().has(keyId);
    if (keys.everKnown() && !unknown && !stale) {
      return verdict(tokens, token, keys.known());
    }
    return keys.lookAgain()
        .compose(
            now ->
                keys.everKnown()
                    ? verdict(tokens, token, now)
                    : refused(Verdict.Reason.UNAVAILABLE));
  }

  private Future<Verdict> verdict(TokenCheck tokens, String token, KeySet by) {
    String digest = Credentials.digest(token);
    Instant now = clock.instant();
    Verified before = verified.getIfPresent(digest);
    if (before != null && before.by() == by && now.isBefore(before.result().until())) {
      return Future.succeededFuture(before.result().verdict());
    }
    return worker
        .run(() -> tokens.check(token, by, now))
        .map(
            result -> {
              if (result.verdict() instanceof Verdict.Admitted) {
                verified.put(digest, new Verified(by, result));
              } else {
                verified.invalidate(digest);
              }
              return result.verdict();
            });
  }
}
