package com.mcpist.edge.gate;

import java.util.List;

/**
 * The limits on how much clients may call.
 *
 * @param addressPerMinute the number of requests of one address in a minute; 0 for any number
 * @param userPerSecond the number of calls of one user in a second; 0 for any number
 * @param userBurst the number of calls of one user at once, after a pause
 * @param trustedProxies the proxies in front of this edge whose X-Forwarded-For is believed
 */
public record LimitSettings(
    int addressPerMinute, int userPerSecond, int userBurst, List<AddressBlock> trustedProxies) {
  public static final LimitSettings NONE = new LimitSettings(0, 0, 0, List.of());

  /**
   * The default limits: 1,000 a minute for an address; 5 a second for a user, 50 of them at once.
   */
  public static final LimitSettings DEFAULTS = new LimitSettings(1_000, 5, 50, List.of());

  /** The default limit for addresses alone. Without authentication, all callers are one user. */
  public static final LimitSettings OF_ADDRESSES =
      new LimitSettings(DEFAULTS.addressPerMinute(), 0, 0, List.of());

  public LimitSettings {
    trustedProxies = List.copyOf(trustedProxies);
  }
}
