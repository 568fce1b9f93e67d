package com.mcpist.edge.gate;

import com.mcpist.edge.gate.auth.Authentication;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names by which clients may address an edge. A page in a browser may send requests to any
 * address that the page's own name resolves to, so only the name tells that the request is not
 * meant for this edge (DNS rebinding). The class depends on its arguments alone.
 *
 * @param allowed the names in lower case, without a port; IPv6 addresses in brackets
 */
public record HostNames(Set<String> allowed) {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(:[0-9]{0,5})?");
  private static final Pattern SITE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://([^/?#@]*)");

  public HostNames {
    allowed = Set.copyOf(allowed);
  }

  /**
   * Returns the names of an edge that listens on this address and is configured with no names. With
   * authentication, this is the name by which clients know the edge. On loopback, these are also
   * the names of loopback and the address itself. There may be none.
   */
  public static HostNames ofListener(InetAddress address, Authentication authentication) {
    Set<String> names = new HashSet<>();
    if (authentication instanceof Authentication.Required required) {
      names.add(required.resource().getHost().toLowerCase(Locale.ROOT));
    }
    if (address.isLoopbackAddress()) {
      names.addAll(LOOPBACK);
    }
    if (address.isLoopbackAddress() && address instanceof Inet4Address) {
      names.add(address.getHostAddress()); // IPv6 has one address of loopback only.
    }
    return new HostNames(names);
  }

  /**
   * Returns true if this is a name that this machine has for itself, however names are resolved.
   */
  public static boolean isLoopback(String host) {
    return LOOPBACK.contains(host.toLowerCase(Locale.ROOT));
  }

  /** Returns true if all names are names that this machine has for itself. */
  public boolean areOfLoopback() {
    return allowed.stream().allMatch(name -> LOOPBACK.contains(name) || name.startsWith("127."));
  }

  /** Returns true if a request with this Host header is meant for the edge. */
  public boolean names(String host) {
    Matcher matcher = HOST.matcher(host);
    return matcher.matches() && allowed.contains(matcher.group(1).toLowerCase(Locale.ROOT));
  }

  /** Returns true if a page with this Origin header may ask the edge. */
  public boolean mayAsk(String origin) {
    Matcher matcher = SITE.matcher(origin);
    return matcher.matches() && names(matcher.group(1));
  }
}
