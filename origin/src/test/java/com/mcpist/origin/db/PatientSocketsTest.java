package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.testkit.Conditions;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who is silent for too long has gone; whom nobody waits for may be silent. */
final class PatientSocketsTest {
  @Test
  void onlyASocketThatWaitsIsClosed() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
        Socket waits = new PatientSockets().createSocket();
        Socket rests = new PatientSockets().createSocket()) {
      waits.connect(server.getLocalSocketAddress());
      rests.connect(server.getLocalSocketAddress());
      InputStream silent = waits.getInputStream();
      CompletableFuture<Integer> answer = new CompletableFuture<>();
      Thread.startVirtualThread(
          () -> {
            try {
              answer.complete(silent.read());
            } catch (Exception e) {
              answer.completeExceptionally(e);
            }
          });

      PatientSockets.closeSilent(Duration.ofHours(1));
      assertThat(waits.isClosed()).isFalse();
      Conditions.await(
          "it is closed",
          () -> {
            PatientSockets.closeSilent(Duration.ZERO);
            return waits.isClosed();
          });

      assertThatThrownBy(answer::get).hasCauseInstanceOf(SocketException.class);
      assertThat(rests.isClosed()).isFalse();
    }
  }
}
