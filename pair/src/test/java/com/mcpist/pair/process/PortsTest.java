package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortsTest {
  @Test
  void portsAreBelowTheEphemeralOnesAndEachIsGivenOnce() throws PairException {
    Ports ports = new Ports(new Random(1));
    Set<Integer> given = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      given.add(ports.next());
    }
    assertThat(given).hasSize(20).allSatisfy(port -> assertThat(port).isBetween(20_000, 31_999));
  }

  @Test
  void aPortThatIsTakenIsPassedOver() throws PairException, IOException {
    int first = new Ports(new Random(2)).next();
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), first));

      assertThat(Ports.isFree(first)).isFalse();
      assertThat(new Ports(new Random(2)).next()).isNotEqualTo(first);
      assertThat(new Ports(new Random(2)).again(first)).isNotEqualTo(first);
    }
    assertThat(new Ports(new Random(3)).again(first)).isEqualTo(first);
    assertThat(new Ports(new Random(3)).again(0)).isPositive();
  }
}
