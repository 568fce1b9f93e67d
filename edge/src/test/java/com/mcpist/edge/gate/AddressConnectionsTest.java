package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AddressConnectionsTest {
  private static final int MOST = 256;

  private static RateLimits connections(int most) {
    AddressBlock proxy = AddressBlock.parse("10.0.0.0/8").orElseThrow();
    return new RateLimits(new LimitSettings(1_000, most, 0, 0, List.of(proxy)), System::nanoTime);
  }

  private static boolean openedAll(RateLimits connections, String peer) {
    boolean tooMany = false;
    for (int i = 0; i < MOST; i++) {
      tooMany |= connections.opened(peer);
    }
    return tooMany;
  }

  @Test
  void anAddressHasSoManyAndWhatIsClosedIsFree() {
    RateLimits connections = connections(MOST);
    assertThat(openedAll(connections, "203.0.113.9")).isFalse();
    assertThat(connections.opened("203.0.113.9")).isTrue();
    assertThat(connections.opened("203.0.113.10")).isFalse();
    connections.closed("203.0.113.9", null);
    connections.closed("203.0.113.9", null);
    assertThat(connections.opened("203.0.113.9")).isFalse();
  }

  @Test
  void anAcceptedUsersCountForTheUserUpToAsMany() {
    RateLimits connections = connections(MOST);
    String office = "203.0.113.9";
    for (int i = 0; i < MOST; i++) {
      assertThat(connections.opened(office)).isFalse();
      assertThat(connections.moved(office, "alice")).isTrue();
    }
    assertThat(openedAll(connections, office)).as("for the address").isFalse();
    assertThat(connections.moved(office, "alice")).isFalse();
    assertThat(connections.moved(office, "bob")).isTrue();
    assertThat(connections.opened(office)).isFalse();
    assertThat(connections.opened(office)).isTrue();
    connections.closed(office, "alice");
    assertThat(connections.moved(office, "alice")).isTrue();
    assertThat(connections.moved("10.1.2.3", "carol")).as("of a trusted proxy").isFalse();
  }

  @Test
  void aTrustedProxyHasAllAndSoHasEverybodyWhereNobodyIsCounted() {
    RateLimits connections = connections(MOST);
    assertThat(openedAll(connections, "10.1.2.3")).isFalse();
    assertThat(connections.opened("10.1.2.3")).isFalse();
    RateLimits uncounted = connections(0);
    assertThat(openedAll(uncounted, "203.0.113.9")).isFalse();
    assertThat(uncounted.opened("203.0.113.9")).isFalse();
  }
}
