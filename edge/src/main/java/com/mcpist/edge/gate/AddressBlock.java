package com.mcpist.edge.gate;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The addresses that begin with the same bits. {@code bits} is the number of these bits. */
public record AddressBlock(InetAddress first, int bits) {
  private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f:.]+)(?:/([0-9]{1,3}))?");

  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");

  /**
   * Reads a block such as 10.0.0.0/8 or fd00::/8, or one address. Returns empty for any other text,
   * and for the block of all addresses.
   */
  public static Optional<AddressBlock> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String bits = matcher.group(2);
    return literal(matcher.group(1))
        .map(a -> new AddressBlock(a, bits == null ? length(a) : Integer.parseInt(bits)))
        .filter(block -> block.bits > 0 && block.bits <= length(block.first));
  }

  private static int length(InetAddress address) {
    return address.getAddress().length * Byte.SIZE;
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

  /** Returns the address that a text is; empty if the text is no address. No name is looked up. */
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
