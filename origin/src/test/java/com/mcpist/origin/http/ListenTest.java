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
import io.vertx.core.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start of the listener, and the secrets it is given. */
class ListenTest {
  private static OriginServer start(SocketAddress address) {
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
    return OriginServer.start(
        new OriginServer.Config(address, "second", AcceptedSecrets.notRequired()),
        Access.development(digest -> Optional.empty()),
        mcp,
        AdminEndpoint.off(),
        StatusEndpoint.off(),
        null,
        health,
        new Metrics("origin", List.of()));
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    try (TestOrigin first = new TestOrigin()) {
      SocketAddress taken = SocketAddress.inetSocketAddress(first.port(), "127.0.0.1");
      assertThatThrownBy(() -> start(taken))
          .isInstanceOf(OriginServer.ListenException.class)
          .hasMessageContaining("127.0.0.1:" + first.port());
    }
  }

  @Test
  void aUnixSocketIsListenedOnAlsoWhereAnEndedProcessHasLeftItsFile(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("origin.sock");
    SocketAddress socket = SocketAddress.domainSocketAddress(file.toString());
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(file))
        .close();
    try (OriginServer _ = start(socket);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      String request = "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n";
      client.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      assertThat(Channels.newInputStream(client).readAllBytes())
          .asString()
          .startsWith("HTTP/1.0 200")
          .endsWith("{\"status\":\"ok\"}");
    }
  }

  @Test
  void aFileThatIsNoSocketStays(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("notes.txt"), "mine");
    SocketAddress socket = SocketAddress.domainSocketAddress(file.toString());
    assertThatThrownBy(() -> start(socket))
        .isInstanceOf(OriginServer.ListenException.class)
        .hasMessageContaining(file.toString());
    assertThat(file).hasContent("mine");
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
    assertThat(
            new OriginServer.Config(SocketAddress.inetSocketAddress(1, "h"), "i", secrets)
                .toString())
        .doesNotContain(TestOrigin.SECRET);
  }
}
