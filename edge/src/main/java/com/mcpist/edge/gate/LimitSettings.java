package com.mcpist.edge.gate;

import java.util.List;

/**
 * The limits on how much clients may call.
 *
 * @param addressPerMinute the number of requests of one address in a minute that no user accounts
 *     for, and the number of its keys in a minute that no origin accepts; 0 for any number
 * @param addressConnections the number of connections of one address that no user accounts for, and
 *     of one user; 0 for any number
 * @param userPerSecond the number of calls of one user in a second; 0 for any number
 * @param userBurst the number of calls of one user at once, after a pause
 * @param trustedProxies the proxies in front of this edge whose X-Forwarded-For is believed
 */
public record LimitSettings(
    int addressPerMinute,
    int addressConnections,
    int userPerSecond,
    int userBurst,
    List<AddressBlock> trustedProxies) {
  public static final LimitSettings NONE = new LimitSettings(0, 0, 0, 0, List.of());

  /**
   * The default limits: 1,000 a minute and 256 connections for an address; 5 a second for a user,
   * 50 of them at once.
   */
  public static final LimitSettings DEFAULTS = new LimitSettings(1_000, 256, 5, 50, List.of());

  /** The default limit for addresses alone. Without authentication, all callers are one user. */
  public static final LimitSettings OF_ADDRESSES =
      new LimitSettings(
          DEFAULTS.addressPerMinute(), DEFAULTS.addressConnections(), 0, 0, List.of());

  public LimitSettings {
    trustedProxies = List.copyOf(trustedProxies);
  }
}
