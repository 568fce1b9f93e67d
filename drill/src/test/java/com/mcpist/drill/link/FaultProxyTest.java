package com.mcpist.drill.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of every connection are the test's own. */
class FaultProxyTest {
  private static final int SILENCE_MILLIS = 150;
  private static final int LIMIT_MILLIS = (int) Conditions.LIMIT.toMillis();

  private final List<Socket> sockets = new ArrayList<>();
  private ServerSocket server;
  private FaultProxy proxy;

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    proxy = FaultProxy.open((InetSocketAddress) server.getLocalSocketAddress());
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void bytesAndOrderlyEndsPassBothWays() throws Exception {
    Socket client = connect();
    Socket accepted = accept();
    send(client, "request");
    assertThat(receive(accepted, 7)).isEqualTo("request");
    send(accepted, "response");
    assertThat(receive(client, 8)).isEqualTo("response");

    client.shutdownOutput();
    assertThat(accepted.getInputStream().read()).isEqualTo(-1);
    send(accepted, "late");
    accepted.close();
    assertThat(receive(client, 4)).isEqualTo("late");
    assertThat(client.getInputStream().read()).isEqualTo(-1);
    awaitConnections(0);
  }

  @Test
  void aUnixSocketIsReachedByAnotherAndByAPort(@TempDir Path folder) throws Exception {
    UnixDomainSocketAddress target = UnixDomainSocketAddress.of(folder.resolve("server.sock"));
    Path link = folder.resolve("link.sock");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(target);
      try (FaultProxy bySocket = FaultProxy.open(target.getPath(), link);
          FaultProxy byPort = FaultProxy.open(target)) {
        for (SocketAddress address :
            List.of(UnixDomainSocketAddress.of(link), loopback(byPort.port()))) {
          try (SocketChannel client = SocketChannel.open(address);
              SocketChannel accepted = listener.accept()) {
            client.write(ByteBuffer.wrap("request".getBytes(StandardCharsets.US_ASCII)));
            assertThat(Channels.newInputStream(accepted).readNBytes(7))
                .asString()
                .isEqualTo("request");
            accepted.write(ByteBuffer.wrap("response".getBytes(StandardCharsets.US_ASCII)));
            assertThat(Channels.newInputStream(client).readNBytes(8))
                .asString()
                .isEqualTo("response");
            bySocket.reset();
            byPort.reset();
            assertThat(Channels.newInputStream(client).readNBytes(1)).isEmpty();
          } catch (IOException e) {
            // A connection of TCP is reset, one of a Unix socket only ends.
            assertThat(e).hasMessageContaining("reset");
          }
        }
      }
    }
  }

  @Test
  void aLargeResponseIsWholeThoughItsReaderIsSlow() throws Exception {
    Socket client = connect();
    Socket accepted = accept();
    byte[] large = "0123456789".repeat(200_000).getBytes(StandardCharsets.US_ASCII);
    Thread.ofVirtual()
        .start(
            () -> {
              try (accepted) {
                accepted.getOutputStream().write(large);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    client.shutdownOutput();
    assertThat(client.getInputStream().readAllBytes()).isEqualTo(large);
  }

  @Test
  void whileCutNothingPassesAndWhatWasHeldBackArrivesOnceMended() throws Exception {
    Socket client = connect();
    Socket accepted = accept();
    proxy.cut();
    send(client, "request");
    send(accepted, "response");
    assertSilent(client);
    assertSilent(accepted);

    proxy.mend();
    assertThat(receive(accepted, 7)).isEqualTo("request");
    assertThat(receive(client, 8)).isEqualTo("response");
  }

  @Test
  void whileCutTheEndOfAConnectionDoesNotPassEither() throws Exception {
    Socket closing = connect();
    Socket left = accept();
    Socket resetting = connect();
    Socket waiting = accept();
    proxy.cut();
    closing.close();
    resetting.setSoLinger(true, 0);
    resetting.close();
    assertSilent(left);
    assertSilent(waiting);

    proxy.mend();
    assertThat(left.getInputStream().read()).isEqualTo(-1);
    assertReset(waiting);
  }

  @Test
  void aConnectionThatIsMadeWhileCutIsSilentAndReachesItsTargetOnceMended() throws Exception {
    proxy.cut();
    Socket client = connect();
    send(client, "request");
    assertSilent(client);
    server.setSoTimeout(SILENCE_MILLIS);
    assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> server.accept());
    server.setSoTimeout(LIMIT_MILLIS);

    proxy.mend();
    assertThat(receive(accept(), 7)).isEqualTo("request");
  }

  @Test
  void aResetReachesBothEndsAlsoWhileCutAndLaterConnectionsWork() throws Exception {
    Socket client = connect();
    Socket accepted = accept();
    proxy.reset();
    assertReset(client);
    assertReset(accepted);

    Socket second = connect();
    Socket secondAccepted = accept();
    proxy.cut();
    send(second, "held back");
    assertSilent(secondAccepted);
    proxy.reset();
    assertReset(second);
    assertReset(secondAccepted);
    proxy.mend();

    Socket third = connect();
    send(third, "passes");
    assertThat(receive(accept(), 6)).isEqualTo("passes");
    awaitConnections(1);
  }

  @Test
  void aResponseIsResetInItsMiddle() throws Exception {
    Socket client = connect();
    Socket accepted = accept();
    exchange(client, accepted, "a response before that is longer");
    proxy.resetResponsesAfter(5);
    send(client, "request");
    receive(accepted, 7);
    send(accepted, "respo");
    assertThat(receive(client, 5)).isEqualTo("respo");
    assertSilent(client);
    send(accepted, "nse");
    assertReset(client);
    assertReset(accepted);
  }

  @Test
  void aStreamThatGoesOnAndResponsesThatAreShortEnoughStay() throws Exception {
    Socket streaming = connect();
    Socket stream = accept();
    exchange(streaming, stream, "event");
    proxy.resetResponsesAfter(10);
    send(stream, "an event of more than ten bytes");
    assertThat(receive(streaming, 31)).isEqualTo("an event of more than ten bytes");

    Socket client = connect();
    Socket accepted = accept();
    exchange(client, accepted, "ten bytes.");
    exchange(client, accepted, "and again.");
    proxy.mend();
    exchange(client, accepted, "as long as ever it likes to be");
  }

  @Test
  void aResponseCanBeResetBeforeItsFirstByte() throws Exception {
    proxy.resetResponsesAfter(0);
    Socket client = connect();
    Socket accepted = accept();
    send(client, "request");
    receive(accepted, 7);
    send(accepted, "response");
    assertReset(client);
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> proxy.resetResponsesAfter(-1));
  }

  @Test
  void aTargetThatRefusesIsAResetAndOneThatComesBackIsReached() throws Exception {
    int port = Ports.free();
    try (FaultProxy toNobody = FaultProxy.open(loopback(port))) {
      // The reset may come before the connection is known to be there.
      assertThatExceptionOfType(SocketException.class)
          .isThrownBy(() -> connect(toNobody.port()).getInputStream().read())
          .withMessageContaining("reset");
      try (ServerSocket late = new ServerSocket(port, 0, InetAddress.getLoopbackAddress())) {
        late.setSoTimeout(LIMIT_MILLIS);
        Socket client = connect(toNobody.port());
        send(client, "now");
        try (Socket accepted = late.accept()) {
          assertThat(receive(accepted, 3)).isEqualTo("now");
        }
      }
    }
  }

  @Test
  void onceClosedItEndsItsConnectionsAndRefusesNewOnes() throws Exception {
    Socket client = connect();
    Socket accepted = accept();
    proxy.cut();
    proxy.close();
    assertReset(client);
    assertReset(accepted);
    awaitConnections(0);
    Conditions.awaitAsserted(
        Conditions.LIMIT, () -> assertThatIOException().isThrownBy(this::connect));
  }

  private void exchange(Socket client, Socket accepted, String response) throws IOException {
    send(client, "request");
    assertThat(receive(accepted, 7)).isEqualTo("request");
    send(accepted, response);
    assertThat(receive(client, response.length())).isEqualTo(response);
  }

  private Socket connect() throws IOException {
    return connect(proxy.port());
  }

  private Socket connect(int port) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.connect(loopback(port), LIMIT_MILLIS);
    socket.setSoTimeout(LIMIT_MILLIS);
    return socket;
  }

  private Socket accept() throws IOException {
    server.setSoTimeout(LIMIT_MILLIS);
    Socket socket = server.accept();
    sockets.add(socket);
    socket.setSoTimeout(LIMIT_MILLIS);
    return socket;
  }

  private void awaitConnections(int expected) {
    Conditions.await(expected + " connections", () -> proxy.connections() == expected);
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String receive(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
  }

  /** Nothing comes for a moment, not even an end. */
  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SILENCE_MILLIS);
    assertThatExceptionOfType(SocketTimeoutException.class)
        .isThrownBy(() -> socket.getInputStream().read());
    socket.setSoTimeout(LIMIT_MILLIS);
  }

  private static void assertReset(Socket socket) {
    assertThatExceptionOfType(SocketException.class)
        .isThrownBy(() -> socket.getInputStream().readAllBytes());
  }
}
