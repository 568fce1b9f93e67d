package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.RecordingRunner;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.origin.mcp.Audit;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.mcp.Methods;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.origin.trace.Traces;
import com.mcpist.telemetry.Metrics;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The start of the listener, and the secrets it is given. */
class ListenTest {
  @Test
  void aPortThatIsTakenIsNamed() {
    McpEndpoint mcp =
        new McpEndpoint(
            List.of(),
            new RecordingRunner(),
            new Methods.ServerInfo("test", "Test", "1", ""),
            TestStateKey.known(),
            Admission.unlimited(),
            InstantSource.system(),
            Audit.off(),
            Traces.OFF);
    HealthSource health =
        new HealthSource() {
          @Override
          public HealthSource.Report check() {
            return new HealthSource.Report(true, Definitions.json("{}"));
          }

          @Override
          public boolean databaseAnswered() {
            return true;
          }
        };
    Access access = Access.development(digest -> Optional.empty());
    try (TestOrigin first = new TestOrigin()) {
      OriginServer.Config taken =
          new OriginServer.Config(
              "127.0.0.1", first.port(), "second", AcceptedSecrets.notRequired());
      assertThatThrownBy(
              () ->
                  OriginServer.start(
                      taken,
                      access,
                      mcp,
                      AdminEndpoint.off(),
                      StatusEndpoint.off(),
                      null,
                      health,
                      new Metrics("origin", List.of())))
          .isInstanceOf(OriginServer.ListenException.class)
          .hasMessageContaining("127.0.0.1:" + first.port());
    }
  }

  @Test
  void anEmptySecretIsNone() {
    assertThatThrownBy(() -> AcceptedSecrets.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AcceptedSecrets.of(List.of(TestOrigin.SECRET, "")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secretsDoNotPrint() {
    AcceptedSecrets secrets = AcceptedSecrets.of(List.of(TestOrigin.SECRET));
    assertThat(new OriginServer.Config("h", 1, "i", secrets).toString())
        .doesNotContain(TestOrigin.SECRET);
  }
}
