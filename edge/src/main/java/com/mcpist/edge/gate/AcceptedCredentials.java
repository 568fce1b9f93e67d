package com.mcpist.edge.gate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys and tokens with which an origin has answered a call. Only their digests are kept. An
 * entry ends 10 minutes after the last such answer, and when a call with the credential is refused.
 * Safe for all threads.
 */
public final class AcceptedCredentials {
  private static final int MOST = 10_000;

  /**
   * The largest number of credentials that are kept of one user, the newest ones. So a user with a
   * new token for each call takes no more of the room for all.
   */
  static final int MOST_OF_A_USER = 16;

  static final Duration KEPT = Duration.ofMinutes(10);

  private final Cache<String, Boolean> accepted;
  private final Cache<String, Deque<String>> byUser;

  /** Creates an empty set. {@code nanos} is a clock that only goes forward. */
  public AcceptedCredentials(LongSupplier nanos) {
    this.accepted = kept(nanos);
    this.byUser = kept(nanos);
  }

  private static <T> Cache<String, T> kept(LongSupplier nanos) {
    return Caffeine.newBuilder()
        .maximumSize(MOST)
        .expireAfterWrite(KEPT)
        .ticker(nanos::getAsLong)
        .build();
  }

  /**
   * Returns true if an origin has accepted the credential with this digest. Null stands for no
   * credential.
   */
  public boolean has(@Nullable String credential) {
    return credential != null && accepted.getIfPresent(credential) != null;
  }

  /**
   * Notes that an origin has answered a call. A status of 2xx accepts the caller's credential, 401
   * and 403 refuse it, and another status says nothing about it.
   */
  public void answered(Caller caller, int status) {
    String credential = caller.credential();
    if (credential == null) {
      return;
    }
    if (status >= 200 && status < 300) {
      accept(caller.userId(), credential);
    } else if (status == 401 || status == 403) {
      refused(credential);
    }
  }

  private void accept(String user, String credential) {
    byUser
        .asMap()
        .compute(
            user,
            (_, before) -> {
              Deque<String> newest = before == null ? new ArrayDeque<>() : before;
              newest.remove(credential);
              newest.addLast(credential);
              accepted.put(credential, true);
              if (newest.size() > MOST_OF_A_USER) {
                accepted.invalidate(newest.removeFirst());
              }
              return newest;
            });
  }

  /** Notes that the credential with this digest is not valid, or not any more. */
  void refused(String credential) {
    accepted.invalidate(credential);
  }
}
