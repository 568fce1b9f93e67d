package com.mcpist.database;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the servers of a database's URL are, as far as its text and this machine tell. */
enum Hosts {
  /** On this machine: nothing passes a network. */
  LOCAL,
  /** By a name or an address that the public internet does not have. */
  PRIVATE,
  SUPABASE,
  /** Neon's, with certificates of a public authority. */
  NEON,
  /** Anywhere. */
  OTHER;

  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?");

  private static final List<String> PRIVATE_DOMAINS = List.of(".internal", ".flycast", ".local");
  private static final List<String> SUPABASE_DOMAINS =
      List.of(".supabase.co", ".pooler.supabase.com");

  /** IPv6's unique local addresses, fc00::/7. */
  private static final int UNIQUE_LOCAL = 0xfc;

  /**
   * Throws IllegalArgumentException where they are of several kinds, since one rule holds for a
   * URL, or where one is no host.
   */
  static Hosts of(String hosts) {
    List<Hosts> kinds = Stream.of(hosts.split(",", -1)).map(Hosts::kind).distinct().toList();
    if (kinds.size() > 1) {
      throw new IllegalArgumentException(
          "its hosts must all be on this machine, or all of one vendor, or all private, or none of"
              + " these");
    }
    return kinds.getFirst();
  }

  private static Hosts kind(String text) {
    if (DatabaseUrl.isSocketHost(text)) {
      return LOCAL;
    }
    Matcher host = HOST.matcher(text);
    if (!host.matches()) {
      throw new IllegalArgumentException(
          "a host is a name, an IPv4 address or an IPv6 address in brackets, with or without"
              + " :port");
    }
    String name = host.group(1).toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    @Nullable InetAddress address = address(name);
    if (address != null) {
      return address.isLoopbackAddress() ? LOCAL : isPrivate(address) ? PRIVATE : OTHER;
    }
    if (SUPABASE_DOMAINS.stream().anyMatch(name::endsWith)) {
      return SUPABASE;
    }
    if (name.endsWith(".neon.tech")) {
      return NEON;
    }
    if (name.equals("localhost")) {
      return LOCAL; // DatabaseUrl puts the loopback addresses in its place.
    }
    return !name.contains(".") || PRIVATE_DOMAINS.stream().anyMatch(name::endsWith)
        ? PRIVATE
        : OTHER;
  }

  /** The address that a text is; null for a name. */
  private static @Nullable InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address.isSiteLocalAddress()
        || (bytes.length == 16 && (bytes[0] & 0xfe) == UNIQUE_LOCAL);
  }
}
