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
 * The names by which an edge may be asked. A page in a browser may send requests to any address
 * that the page's own name resolves to, so only the name tells that the request is not meant for
 * this edge (DNS rebinding). Pure.
 *
 * @param allowed in lower case, without a port; IPv6 addresses in brackets
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
   * The names of an edge that listens on this address and is told no names: where clients are asked
   * who they are, the one by which they know it; and on loopback those of loopback and the address
   * itself. There may be none.
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

  /** Whether this is a name that this machine has for itself, however names are resolved. */
  public static boolean isLoopback(String host) {
    return LOOPBACK.contains(host.toLowerCase(Locale.ROOT));
  }

  /** Whether all are this machine's for itself. */
  public boolean areOfLoopback() {
    return allowed.stream().allMatch(name -> LOOPBACK.contains(name) || name.startsWith("127."));
  }

  /** Whether a request with this Host header is meant for the edge. */
  public boolean names(String host) {
    Matcher matcher = HOST.matcher(host);
    return matcher.matches() && allowed.contains(matcher.group(1).toLowerCase(Locale.ROOT));
  }

  /** Whether a page with this Origin header may ask the edge. */
  public boolean mayAsk(String origin) {
    Matcher matcher = SITE.matcher(origin);
    return matcher.matches() && names(matcher.group(1));
  }
}
