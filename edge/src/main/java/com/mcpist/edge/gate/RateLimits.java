package com.mcpist.edge.gate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.mcpist.edge.gate.Rejection.Refusal;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts requests and connections by address, and calls by user. Safe for all threads. */
public final class RateLimits {
  /** The largest number of names that are kept. Beyond it, the least active names start afresh. */
  private static final int MOST_NAMES = 100_000;

  /**
   * The number of bytes by which an IPv6 address is named, since one line has a whole /64 to choose
   * from.
   */
  private static final int NETWORK_BYTES = 8;

  /**
   * The number of new keys that an address may show in the time in which it may send one request.
   * With the default limit that is 133 keys a second: more than one stranger sends beside the users
   * of the address, and less than the 200 unknown keys a second that an origin looks up, so that no
   * address takes them all.
   */
  private static final int NEW_KEYS = 8;

  private static final int BYTES_WITH_A_CALL = 128 * 1024;
  private static final int BYTES_OF_A_CALL = 32 * 1024;

  /** The prefix of a user's name, where addresses have names too. */
  private static final String USER = "user ";

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final LimitSettings settings;
  private final TimeMeter time;
  private final Cache<String, Bucket> addresses;
  private final Cache<String, Bucket> newKeys;
  private final Cache<String, Bucket> users;
  private final ConcurrentHashMap<String, Integer> connections = new ConcurrentHashMap<>();

  /** Creates the limits. {@code nanos} is a clock that only goes forward. */
  public RateLimits(LimitSettings settings, LongSupplier nanos) {
    this.settings = settings;
    this.time = new Nanos(nanos);
    Duration burst =
        Duration.ofSeconds(settings.userBurst() / Math.max(1, settings.userPerSecond()) + 1L);
    // A bucket that is full again need not be kept.
    this.addresses = names(MINUTE, nanos);
    this.newKeys = names(MINUTE, nanos);
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
   * Returns the client's address as its share is named by it. {@code peer} is the other end of the
   * connection.
   */
  String address(String peer, Supplier<List<String>> forwardedFor) {
    return clientAddress(
        peer,
        settings.trustedProxies().isEmpty() ? List.of() : forwardedFor.get(),
        settings.trustedProxies());
  }

  /**
   * Counts a request for an address, as {@link #address} names it. Returns a refusal if there are
   * too many.
   */
  Optional<Refusal> ofAddress(String address) {
    return ofAddress(addresses, address, settings.addressPerMinute());
  }

  /**
   * Counts a key of which this edge does not know whether it exists, for an address. Such keys have
   * a share of their own, so that requests without a key, or with a refused one, take nothing of
   * it. Returns a refusal if there are too many.
   */
  Optional<Refusal> ofNewKey(String address) {
    return ofAddress(newKeys, address, settings.addressPerMinute() * NEW_KEYS);
  }

  /** Gives back what {@link #ofNewKey} took, because an origin has accepted the key. */
  void keyAccepted(String address) {
    @Nullable Bucket bucket = newKeys.getIfPresent(address);
    if (bucket != null) {
      bucket.addTokens(1);
    }
  }

  private Optional<Refusal> ofAddress(Cache<String, Bucket> shares, String address, int quota) {
    if (quota == 0) {
      return Optional.empty();
    }
    int burst = settings.addressPerMinute();
    Bucket bucket = shares.get(address, name -> bucket(burst, quota, MINUTE));
    return taken(bucket, 1, "address", quota, MINUTE);
  }

  /** Returns true if the calls of users are counted at all. */
  boolean countUsers() {
    return settings.userPerSecond() > 0;
  }

  public Optional<Refusal> ofUser(String user) {
    return ofUser(user, 1);
  }

  /**
   * Takes in more of a user's body, which had {@code from} bytes and has {@code to} now. Returns a
   * refusal if there is too much. Beyond 128 KiB, each 32 KiB count as a call, up to half of a
   * burst, so that one body of any length can be sent.
   */
  public Optional<Refusal> ofBody(String user, int from, int to) {
    int more = calls(to) - calls(from);
    return more == 0 ? Optional.empty() : ofUser(user, more);
  }

  private int calls(int bodyBytes) {
    int calls = Math.max(0, bodyBytes - BYTES_WITH_A_CALL) / BYTES_OF_A_CALL;
    return Math.min(calls, settings.userBurst() / 2);
  }

  private Optional<Refusal> ofUser(String user, int calls) {
    int quota = settings.userPerSecond();
    if (quota == 0) {
      return Optional.empty();
    }
    int burst = Math.max(quota, settings.userBurst());
    Bucket bucket = users.get(user, name -> bucket(burst, quota, SECOND));
    return taken(bucket, calls, "user", quota, SECOND);
  }

  private Bucket bucket(int capacity, int refill, Duration window) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(capacity).refillGreedy(refill, window))
        .withCustomTimePrecision(time)
        .build();
  }

  private static Optional<Refusal> taken(
      Bucket bucket, int calls, String name, int quota, Duration window) {
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(calls);
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
   * Counts a connection for its address. Returns true if that is one connection too many; it counts
   * until {@link #closed} all the same. The connections of a trusted proxy belong to many clients,
   * and are not counted.
   */
  public boolean opened(String peer) {
    return counts(peer)
        && connections.merge(peerName(peer), 1, Integer::sum) > settings.addressConnections();
  }

  /** Returns the name by which the connections of a peer are counted. */
  public static String peerName(String peer) {
    return clientAddress(peer, List.of(), List.of());
  }

  /**
   * Counts a connection of this peer for a user from now on, and not for its address. Returns
   * false, and changes nothing, if the user has as many connections as one user may have, or if the
   * peer's connections are not counted.
   */
  public boolean moved(String peer, String user) {
    if (!counts(peer)) {
      return false;
    }
    String name = USER + user;
    boolean fits = connections.merge(name, 1, Integer::sum) <= settings.addressConnections();
    less(fits ? peerName(peer) : name);
    return fits;
  }

  /**
   * Notes that a connection is closed. {@code user} is the user that it was {@link #moved} to; null
   * if it was not.
   */
  public void closed(String peer, @Nullable String user) {
    if (counts(peer)) {
      less(user == null ? peerName(peer) : USER + user);
    }
  }

  private void less(String name) {
    connections.computeIfPresent(name, (_, many) -> many == 1 ? null : many - 1);
  }

  private boolean counts(String peer) {
    return settings.addressConnections() > 0 && !isOf(peer, settings.trustedProxies());
  }

  /**
   * Returns the client's address as buckets are named by it.
   *
   * @param peer the other end of the connection
   * @param forwardedFor the values of X-Forwarded-For, to which each proxy has added the address
   *     that asked it
   * @param trusted the proxies that are believed, and so passed over
   */
  static String clientAddress(String peer, List<String> forwardedFor, List<AddressBlock> trusted) {
    Optional<InetAddress> address = AddressBlock.literal(peer);
    List<String> hops = new ArrayList<>();
    forwardedFor.forEach(value -> hops.addAll(Arrays.asList(value.split(",", -1))));
    while (!hops.isEmpty() && address.filter(a -> contains(trusted, a)).isPresent()) {
      Optional<InetAddress> before = AddressBlock.literal(hops.removeLast().strip());
      if (before.isEmpty()) {
        // A text that is no address does not tell clients apart, so the request counts as the
        // proxy's own.
        break;
      }
      address = before;
    }
    return address.map(RateLimits::name).orElse(peer);
  }

  private static boolean isOf(String peer, List<AddressBlock> blocks) {
    return AddressBlock.literal(peer).filter(address -> contains(blocks, address)).isPresent();
  }

  private static boolean contains(List<AddressBlock> blocks, InetAddress address) {
    return blocks.stream().anyMatch(block -> block.contains(address));
  }

  private static String name(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address
        ? Arrays.toString(Arrays.copyOf(bytes, NETWORK_BYTES))
        : Arrays.toString(bytes);
  }
}
