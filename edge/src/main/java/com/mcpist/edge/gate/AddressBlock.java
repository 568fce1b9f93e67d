package com.mcpist.edge.gate;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses with the same beginning, so many bits long. */
public record AddressBlock(InetAddress first, int bits) {
  private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f:.]+)(?:/([0-9]{1,3}))?");

  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");

  /**
   * Reads {@code 10.0.0.0/8}, {@code fd00::/8}, or one address; empty where it is neither, or is
   * every address.
   */
  public static Optional<AddressBlock> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Optional<InetAddress> address = literal(matcher.group(1));
    if (address.isEmpty()) {
      return Optional.empty();
    }
    int most = address.get().getAddress().length * Byte.SIZE;
    int bits = matcher.group(2) == null ? most : Integer.parseInt(matcher.group(2));
    return bits > 0 && bits <= most
        ? Optional.of(new AddressBlock(address.get(), bits))
        : Optional.empty();
  }

  boolean contains(InetAddress address) {
    byte[] ours = first.getAddress();
    byte[] theirs = address.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % Byte.SIZE);
      if (((ours[bit / Byte.SIZE] ^ theirs[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The address that a text is; no name is looked up. */
  static Optional<InetAddress> literal(String text) {
    int zone = text.indexOf('%');
    if (zone < 0 && text.indexOf(':') < 0 && !IPV4.matcher(text).matches()) {
      return Optional.empty(); // The JDK also reads 1 as an address.
    }
    try {
      return Optional.of(InetAddress.ofLiteral(zone < 0 ? text : text.substring(0, zone)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
