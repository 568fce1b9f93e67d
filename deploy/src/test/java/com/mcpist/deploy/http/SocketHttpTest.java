package com.mcpist.deploy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.SocketHttp.Request;
import com.mcpist.deploy.http.SocketHttp.Response;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.SocketBridge;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketHttpTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final FaultServer server = FaultServer.start();
  private @TempDir Path folder;
  private Path file;
  private URI socket;
  private SocketBridge bridge;

  // JUnit calls open before anything else.
  @SuppressWarnings("NullAway.Init")
  SocketHttpTest() {}

  @BeforeEach
  void open() {
    file = folder.resolve("a b.sock");
    socket = SocketHttp.uri(file);
    bridge = SocketBridge.open(file, server.port());
  }

  @AfterEach
  void close() throws Exception {
    bridge.close();
    server.close();
  }

  @Test
  void aRequestArrivesWholeAndSoDoesItsResponse() throws Exception {
    server.next(Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));

    Request request =
        Request.of("PUT", "/events/7?x=1")
            .with("X-Gateway-Secret", "s")
            .withBody("text/plain", "ü");
    Response response = SocketHttp.send(socket, request, LIMIT);

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.text()).isEqualTo("{\"status\":\"unhealthy\"}");
    assertThat(server.requests().getFirst())
        .satisfies(
            got -> {
              assertThat(got.method() + " " + got.target()).isEqualTo("PUT /events/7?x=1");
              assertThat(got.header("X-Gateway-Secret")).contains("s");
              assertThat(got.header("Content-Type")).contains("text/plain");
              assertThat(got.text()).isEqualTo("ü");
            });
    assertThat(request.toString()).doesNotContain("s\n").isEqualTo("PUT /events/7?x=1");
  }

  @Test
  void whatDoesNotAnswerIsToldByItsKind() throws Exception {
    Request request = Request.of("GET", "/");
    server.always(Behaviour.closeBefore());
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> SocketHttp.send(socket, request, LIMIT));
    server.always(Behaviour.silent());
    assertThatExceptionOfType(HttpTimeoutException.class)
        .isThrownBy(() -> SocketHttp.send(socket, request, Duration.ofMillis(100)));
    bridge.close();
    assertThatExceptionOfType(ConnectException.class)
        .as("the file is there, and nobody listens")
        .isThrownBy(() -> SocketHttp.send(socket, request, LIMIT));
    Files.delete(file);
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> SocketHttp.send(socket, request, LIMIT));
  }

  /** Tests answers of a server that is none of HTTP, or ends too early. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nwithout a length",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
      })
  void anAnswerThatIsNotWholeIsNone(String answer) throws Exception {
    Path other = folder.resolve("raw.sock");
    try (ServerSocketChannel raw = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      raw.bind(UnixDomainSocketAddress.of(other));
      Thread.ofVirtual()
          .start(
              () -> {
                try (SocketChannel client = raw.accept()) {
                  client.read(ByteBuffer.allocate(4096));
                  client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> SocketHttp.send(SocketHttp.uri(other), Request.of("GET", "/"), LIMIT));
    }
  }

  @Test
  void nothingBeginsAnotherHeaderOrRequest() {
    for (Request request :
        List.of(
            Request.of("GET", "/ HTTP/1.1\r\nX: y"), Request.of("GET", "/").with("A", "b\nC: d"))) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> SocketHttp.send(socket, request, LIMIT))
          .withCauseInstanceOf(IllegalArgumentException.class);
    }
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aVendorsClientSpeaksToASocketToo() throws Exception {
    ApiClient client =
        new ApiClient(socket, Optional.of(Secret.of("Bearer t")), List.of(), LIMIT, Time.system());
    Deadline deadline = Deadline.in(LIMIT, Time.system());
    server.next(Behaviour.answer(200, "{\"status\":\"ok\"}"));

    assertThat(client.send(Call.get("ask", "/health"), deadline).body().path("status").asString())
        .isEqualTo("ok");
    assertThat(server.requests().getFirst().header("Authorization")).contains("Bearer t");

    bridge.close();
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.once().send(Call.get("ask", "/health"), deadline))
        .matches(e -> e.reason() == Reason.UNREACHABLE)
        .withMessageContaining(file + " cannot be reached");
  }
}
