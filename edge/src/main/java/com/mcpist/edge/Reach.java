package com.mcpist.edge;

import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who can reach an edge, and what follows where its configuration says nothing. Pure.
 *
 * @param local whether only its own machine does
 * @param names by which it may be asked; there may be none
 * @param limits how much clients may call
 */
record Reach(boolean local, HostNames names, LimitSettings limits) {

  /**
   * Of an edge that listens on this address. Where it has other names than loopback's, or proxies
   * that it believes, one of these brings it more than its own machine's clients.
   */
  static Reach of(InetAddress address, EdgeConfig config) {
    HostNames names = config.proxy().names(address, config.authentication());
    LimitSettings given = config.limits();
    boolean local =
        address.isLoopbackAddress()
            && names.areOfLoopback()
            && (given == null || given.trustedProxies().isEmpty());
    return new Reach(local, names, limits(given, local, config));
  }

  private static LimitSettings limits(
      @Nullable LimitSettings given, boolean local, EdgeConfig config) {
    if (given != null) {
      return given;
    }
    if (local) {
      return LimitSettings.NONE;
    }
    return config.authentication() instanceof Authentication.Required
        ? LimitSettings.DEFAULTS
        : LimitSettings.OF_ADDRESSES;
  }
}
