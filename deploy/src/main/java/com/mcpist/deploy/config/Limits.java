package com.mcpist.deploy.config;

import java.util.List;

/**
 * How much the edge lets through; 0 switches a limit off.
 *
 * @param addressPerMinute requests of one address
 * @param userPerSecond requests of one user, in the long run
 * @param userBurst requests of one user at once
 * @param trustedProxies blocks of addresses, as 10.0.0.0/8, whose X-Forwarded-For is believed by
 *     the edge that is not Cloudflare's
 */
public record Limits(
    int addressPerMinute, int userPerSecond, int userBurst, List<String> trustedProxies) {
  /** What holds where the file says nothing. */
  public static final Limits DEFAULT = new Limits(1000, 5, 50, List.of());

  /** None, in as many words. */
  public static final Limits NONE = new Limits(0, 0, 0, List.of());

  /** The same where everybody is one user: what that one may do alone would be shared by all. */
  public Limits ofAddresses() {
    return new Limits(addressPerMinute, 0, userBurst, trustedProxies);
  }
}
