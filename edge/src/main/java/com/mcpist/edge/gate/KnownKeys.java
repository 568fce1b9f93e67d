package com.mcpist.edge.gate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The API keys that an origin has accepted or refused lately. Only an origin can tell whether a key
 * exists. Only the digests of keys are kept. The refused keys have room of their own, so that keys
 * that somebody makes up displace no accepted one. Safe for all threads.
 */
public final class KnownKeys {
  /** The largest number of accepted keys, and of refused ones, that are kept. */
  static final int MOST = 10_000;

  /** The time after the last acceptance by an origin for which a key counts as accepted. */
  static final Duration ACCEPTED = Duration.ofMinutes(10);

  /** The time after the last refusal by an origin for which a key counts as refused. */
  static final Duration REFUSED = Duration.ofMinutes(1);

  private final Cache<String, Boolean> accepted;
  private final Cache<String, Boolean> refused;

  /** Creates an empty set. {@code nanos} is a clock that only goes forward. */
  public KnownKeys(LongSupplier nanos) {
    this.accepted = kept(ACCEPTED, nanos);
    this.refused = kept(REFUSED, nanos);
  }

  private static Cache<String, Boolean> kept(Duration time, LongSupplier nanos) {
    return Caffeine.newBuilder()
        .maximumSize(MOST)
        .expireAfterWrite(time)
        .ticker(nanos::getAsLong)
        .build();
  }

  /** Returns true if the caller has a key that an origin has accepted. */
  public boolean accepts(Caller caller) {
    return caller.key() != null && accepted.getIfPresent(caller.key()) != null;
  }

  /** Returns true if the caller has a key that an origin has refused. */
  boolean refuses(Caller caller) {
    return caller.key() != null && refused.getIfPresent(caller.key()) != null;
  }

  /**
   * Notes that an origin has answered a call. A status of 2xx accepts the caller's key, 401 and 403
   * refuse it, and another status says nothing about it.
   */
  public void answered(Caller caller, int status) {
    @Nullable String key = caller.key();
    if (key == null) {
      return;
    }
    if (status >= 200 && status < 300) {
      refused.invalidate(key);
      accepted.put(key, true);
    } else if (status == 401 || status == 403) {
      accepted.invalidate(key);
      refused.put(key, true);
    }
  }
}
