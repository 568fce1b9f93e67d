package com.mcpist.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.LimitSettings;
import java.net.InetAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReachTest {
  private static final String KEYS =
      "\"auth\":{\"resource\":\"https://a.example/mcp\",\"keys\":true}";
  private static final String LOCAL_KEYS = KEYS.replace("https://a.example", "http://localhost:1");

  private static Edge.Reach reach(String address, String fields) {
    String json =
        "{\"origins\":[{\"name\":\"a\",\"url\":\"https://o.example\"}]%s}"
            .formatted(fields.isEmpty() ? "" : "," + fields);
    Map<String, String> environment = Map.of("EDGE_CONFIG", json, "GATEWAY_SECRET", "s");
    return Edge.Reach.of(InetAddress.ofLiteral(address), EdgeConfig.fromEnvironment(environment));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          127.0.0.1 | ``                                  | true
          ::1       | `"auth":"none"`                     | true
          127.0.0.1 | `"allowedHosts":["localhost"]`      | true
          127.0.0.1 | `"allowedHosts":["a.example"]`      | false
          127.0.0.1 | `"limits":{"trustedProxies":["127.0.0.1"]}` | false
          0.0.0.0   | `"allowedHosts":["localhost"]`      | false
          """)
  void isOfThisMachineAloneWhereNothingBringsOthers(String address, String fields, boolean local) {
    assertThat(reach(address, fields).local()).isEqualTo(local);
  }

  @Test
  void anEdgeOnANetworkHasANameOnlyWhereOneIsSaid() {
    assertThat(reach("0.0.0.0", "\"auth\":\"none\"").names().allowed()).isEmpty();
    assertThat(reach("0.0.0.0", "\"auth\":\"none\",\"allowedHosts\":[\"a\"]").names().allowed())
        .isNotEmpty();
    assertThat(reach("0.0.0.0", KEYS).names().allowed()).isNotEmpty();
    assertThat(reach("127.0.0.1", "\"auth\":\"none\"").names().allowed()).isNotEmpty();
  }

  @Test
  void whoIsReachedByOthersHasLimitsUnlessTheyAreSwitchedOff() {
    String off =
        "\"limits\":{\"addressPerMinute\":0,\"addressConnections\":0,\"userPerSecond\":0,\"userBurst\":0}";
    assertThat(reach("0.0.0.0", KEYS).limits()).isEqualTo(LimitSettings.DEFAULTS);
    assertThat(reach("127.0.0.1", KEYS).limits()).isEqualTo(LimitSettings.DEFAULTS);
    assertThat(reach("0.0.0.0", KEYS + "," + off).limits()).isEqualTo(LimitSettings.NONE);
    assertThat(reach("0.0.0.0", KEYS + ",\"limits\":\"none\"").limits())
        .isEqualTo(LimitSettings.NONE);
    assertThat(reach("127.0.0.1", LOCAL_KEYS).limits()).isEqualTo(LimitSettings.NONE);
    assertThat(reach("127.0.0.1", "").limits()).isEqualTo(LimitSettings.NONE);
  }

  @Test
  void whereNobodyIsAskedAllAreOneUserAndOnlyAddressesAreCounted() {
    LimitSettings limits =
        reach("0.0.0.0", "\"auth\":\"none\",\"allowedHosts\":[\"a.example\"]").limits();
    assertThat(limits).isEqualTo(LimitSettings.OF_ADDRESSES);
    assertThat(limits.addressPerMinute()).isEqualTo(LimitSettings.DEFAULTS.addressPerMinute());
    assertThat(limits.userPerSecond()).isZero();
  }
}
