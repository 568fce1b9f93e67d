package com.mcpist.deploy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.deploy.time.Time;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ApiClientTest {
  private static final Call GET = Call.get("get it", "/it");
  private static final Call CHANGE =
      Call.change("change it", "POST", "/it", JsonMapper.shared().createObjectNode());

  private final FaultServer server = FaultServer.start();
  private final TestTime time = TestTime.create();
  private final ApiClient client = client(time, Duration.ofSeconds(30));

  private ApiClient client(Time with, Duration timeout) {
    return new ApiClient(
        URI.create(server.url() + "/base"),
        Optional.of(Secret.of("Bearer token")),
        List.of(Secret.of("token")),
        timeout,
        with);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  void aCallIsBelowTheBaseWithTheTokenInItsHeader() throws Exception {
    server.always(Behaviour.answer(200, "{\"a\": 1}"));

    assertThat(client.send(GET, time.minutes(1)).body().path("a").asInt()).isEqualTo(1);
    assertThat(server.requests().getFirst().target()).isEqualTo("/base/it");
    assertThat(server.requests().getFirst().header("Authorization")).contains("Bearer token");
  }

  @Test
  void aRedirectIsAnErrorAndNobodyElseGetsTheToken() throws Exception {
    try (FaultServer other = FaultServer.start()) {
      server.always(
          new Behaviour.Answer(302, Map.of("Location", other.url() + "/it"), new byte[0]));

      failed(GET, Reason.STATUS, "HTTP 302");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void readingIsTriedFiveTimesAndAChangeOnce() {
    server.always(Behaviour.status(503));

    failed(GET, Reason.STATUS, "HTTP 503");
    assertThat(server.requests()).hasSize(5);
    failed(CHANGE, Reason.STATUS, "HTTP 503");
    assertThat(server.requests()).hasSize(6);
    failed(CHANGE.asRepeatable(), Reason.STATUS, "HTTP 503");
    assertThat(server.requests()).hasSize(11);
  }

  @Test
  void whatWasNeverSentIsTriedAgainWhateverItIs() throws Exception {
    server.refuse();
    failed(CHANGE, Reason.UNREACHABLE, "cannot be reached");

    assertThat(Duration.between(TestTime.create().now(), time.now()))
        .as("it waited between the attempts")
        .isGreaterThan(Duration.ofSeconds(1));
  }

  @Test
  void aHostThatClosesTheConnectionInTheHandshakeShowsNoCertificate() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                while (!listener.isClosed()) {
                  try (Socket connection = listener.accept()) {
                    connection.getInputStream().read(new byte[1_000]);
                  } catch (IOException _) {
                    // The test closes the listener under this thread.
                  }
                }
              });
      ApiClient secure =
          new ApiClient(
              URI.create("https://127.0.0.1:" + listener.getLocalPort()),
              Optional.empty(),
              List.of(),
              Duration.ofSeconds(30),
              time);

      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(() -> secure.send(CHANGE, time.minutes(1)))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_CERTIFICATE))
          .withMessageEndingWith(
              " shows no certificate: it closes the connection in the TLS handshake");
    }
  }

  @Test
  void silenceEndsAtTheTimeoutAlsoInTheMiddleOfAnAnswer() {
    ApiClient impatient = client(Time.system(), Duration.ofMillis(200));
    Deadline deadline = Deadline.in(Duration.ofMinutes(1), Time.system());

    for (Behaviour silence :
        List.of(Behaviour.silent(), Behaviour.silentInBody(Behaviour.answer(200, "{\"a\": 1}")))) {
      server.next(silence);
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(() -> impatient.send(CHANGE, deadline))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.SILENT))
          .satisfies(e -> assertThat(e.mayHaveActed()).isTrue())
          .withMessageContaining("no answer within 200 ms");
    }
  }

  @Test
  void aDeadlineThatHasPassedSendsNothing() {
    Deadline over = Deadline.in(Duration.ZERO, time);

    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.send(GET, over))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void anInterruptionEndsACallAndItsConnection() throws Exception {
    server.always(Behaviour.silent());
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    answer.complete(client.send(GET, time.minutes(10)));
                  } catch (Exception e) {
                    answer.completeExceptionally(e);
                  }
                });
    com.mcpist.testkit.Conditions.await("it is sent", () -> server.requests().size() == 1);
    thread.interrupt();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
        .withCauseInstanceOf(InterruptedException.class);
    com.mcpist.testkit.Conditions.await("it is closed", () -> server.openConnections() == 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"message": "no such thing"}                                  | HTTP 418: no such thing
          {"error": "no such thing"}                                    | HTTP 418: no such thing
          {"error": {"message": "no such thing"}}                       | HTTP 418: no such thing
          {"errors": [{"code": "X", "message": "one"}, {"message": "two"}]} | HTTP 418: one; two
          plain text                                                    | HTTP 418: plain text
          <html>nothing</html>                                          | HTTP 418
          {"message": "the token is bad"}                               | HTTP 418: the [redacted] is bad
          """)
  void errorsAreReadInTheUsualShapes(String body, String message) {
    server.always(Behaviour.answer(418, body));

    failed(GET, Reason.STATUS, message);
  }

  private void failed(Call call, Reason reason, String message) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.send(call, time.minutes(10)))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .withMessageEndingWith(message);
  }
}
