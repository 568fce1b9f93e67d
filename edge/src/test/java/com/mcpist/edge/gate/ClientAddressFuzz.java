package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Fuzz target: a block of addresses, the other end of a connection, and what X-Forwarded-For says,
 * a line each.
 */
public final class ClientAddressFuzz {
  private static final List<AddressBlock> TRUSTED =
      List.of(AddressBlock.parse("10.0.0.0/8").orElseThrow());

  private ClientAddressFuzz() {}

  /**
   * Checks that no proxy that is not trusted has a say, and that no name of a bucket is long, or
   * looked up.
   */
  public static void fuzzerTestOneInput(byte[] input) {
    List<String> lines =
        Arrays.asList(new String(input, StandardCharsets.ISO_8859_1).split("\n", -1));
    assertBlock(lines.getFirst());
    List<String> said = lines.subList(Math.min(2, lines.size()), lines.size());
    String peer = lines.size() > 1 ? lines.get(1) : "";
    String alone = RateLimits.clientAddress(peer, List.of(), TRUSTED);
    boolean trusted =
        AddressBlock.literal(peer).filter(a -> TRUSTED.getFirst().contains(a)).isPresent();
    String named = RateLimits.clientAddress(peer, said, TRUSTED);
    assertThat(trusted || named.equals(alone)).isTrue();
    assertThat(named.equals(peer) || named.length() <= 50).as(named).isTrue();
    assertThat(RateLimits.clientAddress("10.0.0.1", said, TRUSTED)).matches("\\[[-0-9, ]+]");
    assertThat(RateLimits.clientAddress("203.0.113.9", said, TRUSTED))
        .isEqualTo("[-53, 0, 113, 9]");
  }

  private static void assertBlock(String text) {
    Optional<AddressBlock> block = AddressBlock.parse(text);
    block.ifPresent(
        b -> {
          assertThat(b.contains(b.first())).isTrue();
          assertThat(b.bits()).isBetween(0, b.first().getAddress().length * Byte.SIZE);
          assertThat(text).matches("[0-9A-Fa-f:.]+(/[0-9]{1,3})?");
        });
  }
}
