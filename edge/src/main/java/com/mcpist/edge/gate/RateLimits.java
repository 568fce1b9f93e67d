package com.mcpist.edge.gate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.mcpist.edge.gate.Rejection.Refusal;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Counts requests and connections by address, and calls by user; safe for all threads. */
public final class RateLimits {
  /** More names than this at once: those that asked least begin anew. */
  private static final int MOST_NAMES = 100_000;

  /**
   * Connections of one address, of the thousands that an edge takes: more than a household or an
   * office has use for.
   */
  public static final int MOST_CONNECTIONS = 256;

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final LimitSettings settings;
  private final TimeMeter time;
  private final Cache<String, Bucket> addresses;
  private final Cache<String, Bucket> users;
  private final ConcurrentHashMap<String, Integer> connections = new ConcurrentHashMap<>();

  /**
   * Counts from now on.
   *
   * @param nanos a clock that only goes forward
   */
  public RateLimits(LimitSettings settings, LongSupplier nanos) {
    this.settings = settings;
    this.time = new Nanos(nanos);
    Duration burst =
        Duration.ofSeconds(settings.userBurst() / Math.max(1, settings.userPerSecond()) + 1L);
    // A bucket that is full again need not be kept.
    this.addresses = names(MINUTE, nanos);
    this.users = names(burst, nanos);
  }

  private static Cache<String, Bucket> names(Duration refill, LongSupplier nanos) {
    return Caffeine.newBuilder()
        .maximumSize(MOST_NAMES)
        .expireAfterAccess(refill)
        .ticker(nanos::getAsLong)
        .build();
  }

  private record Nanos(LongSupplier source) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return source.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  /**
   * Takes a request of an address in, or says why not.
   *
   * @param peer the other end of the connection
   * @param forwardedFor the values of its X-Forwarded-For
   */
  public Optional<Refusal> ofAddress(String peer, Supplier<List<String>> forwardedFor) {
    int quota = settings.addressPerMinute();
    if (quota == 0) {
      return Optional.empty();
    }
    String address = ClientAddress.of(peer, forwardedFor.get(), settings.trustedProxies());
    Bucket bucket = addresses.get(address, name -> bucket(quota, quota, MINUTE));
    return taken(bucket, "address", quota, MINUTE);
  }

  /** Takes a call of a user in, or says why not. */
  public Optional<Refusal> ofUser(String user) {
    int quota = settings.userPerSecond();
    if (quota == 0) {
      return Optional.empty();
    }
    int burst = Math.max(quota, settings.userBurst());
    Bucket bucket = users.get(user, name -> bucket(burst, quota, SECOND));
    return taken(bucket, "user", quota, SECOND);
  }

  private Bucket bucket(int capacity, int refill, Duration window) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(capacity).refillGreedy(refill, window))
        .withCustomTimePrecision(time)
        .build();
  }

  private static Optional<Refusal> taken(Bucket bucket, String name, int quota, Duration window) {
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(refusal(name, quota, window, probe.getNanosToWaitForRefill()));
  }

  private static Refusal refusal(String name, int quota, Duration window, long waitNanos) {
    long seconds = Math.max(1, Math.ceilDiv(waitNanos, 1_000_000_000L));
    return new Refusal(
        Rejection.RATE_LIMITED,
        Map.of(
            "Retry-After", Long.toString(seconds),
            "RateLimit-Policy", "\"%s\";q=%d;w=%d".formatted(name, quota, window.toSeconds()),
            "RateLimit", "\"%s\";r=0;t=%d".formatted(name, seconds)));
  }

  /**
   * One more connection. A trusted proxy's are everybody's, and not counted.
   *
   * @param peer the other end
   * @return whether that is one too many; it counts until it has {@link #closed} all the same
   */
  public boolean opened(String peer) {
    return counts(peer)
        && connections.merge(ClientAddress.of(peer, List.of(), List.of()), 1, Integer::sum)
            > MOST_CONNECTIONS;
  }

  /** One connection less. */
  public void closed(String peer) {
    if (counts(peer)) {
      connections.computeIfPresent(
          ClientAddress.of(peer, List.of(), List.of()),
          (name, many) -> many == 1 ? null : many - 1);
    }
  }

  private boolean counts(String peer) {
    return settings.addressPerMinute() > 0 && !ClientAddress.isOf(peer, settings.trustedProxies());
  }
}
