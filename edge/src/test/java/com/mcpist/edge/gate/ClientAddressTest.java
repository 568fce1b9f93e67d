package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {
  private static final List<AddressBlock> TRUSTED = blocks("10.0.0.0/8", "fd00::/8");

  private static List<AddressBlock> blocks(String... texts) {
    return Arrays.stream(texts).map(t -> AddressBlock.parse(t).orElseThrow()).toList();
  }

  private static String address(String peer, String... forwardedFor) {
    return RateLimits.clientAddress(peer, List.of(forwardedFor), TRUSTED);
  }

  private static String plain(String address) {
    return RateLimits.clientAddress(address, List.of(), List.of());
  }

  @Test
  void whoIsNotTrustedSpeaksForHimselfAlone() {
    assertThat(address("203.0.113.9", "198.51.100.1")).isEqualTo(plain("203.0.113.9"));
  }

  @Test
  void trustedProxiesArePassedOverFromTheLastToTheFirst() {
    assertThat(address("10.1.2.3", "6.6.6.6, 198.51.100.1, 10.9.9.9"))
        .isEqualTo(plain("198.51.100.1"));
    assertThat(address("10.1.2.3", "6.6.6.6", "198.51.100.1")).isEqualTo(plain("198.51.100.1"));
    assertThat(address("fd00::7", "198.51.100.1")).isEqualTo(plain("198.51.100.1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unknown", "localhost", "1.2.3.4:80", "_hidden", "999.1.1.1", "1"})
  void whatIsNoAddressIsTheProxys(String forwardedFor) {
    assertThat(address("10.1.2.3", forwardedFor)).isEqualTo(plain("10.1.2.3"));
  }

  @Test
  void withoutTheHeaderItIsTheProxy() {
    assertThat(address("10.1.2.3")).isEqualTo(plain("10.1.2.3"));
  }

  @Test
  void aLineHasANetworkOfIpv6ToItself() {
    assertThat(plain("2001:db8:1:2::7")).isEqualTo(plain("2001:db8:1:2:ffff::1"));
    assertThat(plain("2001:db8:1:2::7")).isNotEqualTo(plain("2001:db8:1:3::7"));
    assertThat(plain("fe80::1%eth0")).isEqualTo(plain("fe80::1"));
    assertThat(plain("::ffff:203.0.113.9")).isEqualTo(plain("203.0.113.9"));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.128/25, 192.0.2.129, true",
    "0.0.0.0/1, 8.8.8.8, true",
    "0.0.0.0/1, ::1, false",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::1, false"
  })
  void aBlockHasTheAddressesThatBeginLikeIt(String block, String address, boolean contained) {
    assertThat(
            AddressBlock.parse(block)
                .orElseThrow()
                .contains(AddressBlock.literal(address).orElseThrow()))
        .isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "a.example",
        "10/8/",
        "0.0.0.0/0",
        "::/0"
      })
  void whatIsNoBlockIsRefused(String text) {
    assertThat(AddressBlock.parse(text)).isEmpty();
  }
}
