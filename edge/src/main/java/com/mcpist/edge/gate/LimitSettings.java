package com.mcpist.edge.gate;

import java.util.List;

/**
 * How much may be called.
 *
 * @param addressPerMinute requests of one address; 0: any number
 * @param userPerSecond calls of one user; 0: any number
 * @param userBurst calls of one user at once, after a pause
 * @param trustedProxies in front of this edge, whose X-Forwarded-For is believed
 */
public record LimitSettings(
    int addressPerMinute, int userPerSecond, int userBurst, List<AddressBlock> trustedProxies) {
  public static final LimitSettings NONE = new LimitSettings(0, 0, 0, List.of());

  /** 1,000 a minute for an address; 5 a second for a user, 50 of them at once. */
  public static final LimitSettings DEFAULTS = new LimitSettings(1_000, 5, 50, List.of());

  /** The default for addresses alone: where nobody is asked, all are one user. */
  public static final LimitSettings OF_ADDRESSES =
      new LimitSettings(DEFAULTS.addressPerMinute(), 0, 0, List.of());

  public LimitSettings {
    trustedProxies = List.copyOf(trustedProxies);
  }
}
