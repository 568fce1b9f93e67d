package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.release.Announcements.Notifier;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class NotifierTest {
  private static final String SECRET = "T0000-B0000-nobody-may-see-this";
  private static final String FAILURE =
      Notifier.failure(
          "notes",
          "health with the secret",
          Optional.of("koyeb-primary"),
          "expected 200 & <ok>, saw 503",
          "Read its logs",
          Optional.of(URI.create("https://app.koyeb.com/services/x")));

  private final FaultServer slack = FaultServer.start();
  private final Notifier notifier = notifier(slack.url() + "/services/" + SECRET);

  private static Notifier notifier(String address) {
    return new Notifier("HOOK", Map.of("HOOK", address), TestTime.create());
  }

  @AfterEach
  void stop() throws Exception {
    slack.close();
  }

  @Test
  void aFailureSaysWhichCheckWhereAndWhatToDo() {
    slack.always(new Behaviour.Answer(200, Map.of(), "ok".getBytes(StandardCharsets.UTF_8)));

    assertThat(notifier.send(FAILURE)).isEmpty();
    assertThat(slack.requests()).hasSize(1);
    assertThat(slack.requests().getFirst().target()).isEqualTo("/services/" + SECRET);
    assertThat(text())
        .isEqualTo(
            """
            :x: *notes*: health with the secret of koyeb-primary failed
            expected 200 &amp; &lt;ok&gt;, saw 503
            *What to do:* Read its logs
            <https://app.koyeb.com/services/x|More>\
            """);
  }

  @Test
  void aRecoverySaysWhatIsWellAgain() {
    assertThat(notifier.send(Notifier.recovery("notes", "verify", "both run 1.4"))).isEmpty();
    assertThat(text()).isEqualTo(":white_check_mark: *notes*: verify is well again\nboth run 1.4");
  }

  @Test
  void aWebhookThatFailsForAWhileIsTriedAgain() {
    slack.next(Behaviour.status(500), Behaviour.resetBefore());

    assertThat(notifier.send(FAILURE)).isEmpty();
    assertThat(slack.requests()).hasSize(3);
  }

  @Test
  void oneThatFailsIsAReasonWithoutTheAddressAndNoException() throws Exception {
    slack.always(Behaviour.answer(404, "no_service " + "/services/" + SECRET));
    assertThat(notifier.send(FAILURE))
        .hasValueSatisfying(
            reason ->
                assertThat(reason)
                    .contains("the notification was not sent: HTTP 404: no_service")
                    .doesNotContain(SECRET));

    slack.close();
    assertThat(notifier.send(FAILURE))
        .hasValueSatisfying(
            reason -> assertThat(reason).contains("cannot be reached").doesNotContain(SECRET));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://hooks.example.com/" + SECRET,
        "https://" + SECRET + "@hooks.example.com/",
        "not an address " + SECRET,
        SECRET
      })
  void whatIsNoAddressIsAReasonWithoutIt(String address) {
    assertThat(notifier(address).send(FAILURE))
        .contains("the notification was not sent: HOOK is no address that starts with https://");
  }

  @Test
  void anAddressThatIsNotSetIsAReason() {
    assertThat(new Notifier("HOOK", Map.of(), TestTime.create()).send(FAILURE))
        .contains("the notification was not sent: HOOK is not set");
  }

  @Test
  void anInterruptionIsAReasonAndIsKept() {
    Thread.currentThread().interrupt();

    assertThat(notifier.send(FAILURE)).isPresent();
    assertThat(Thread.interrupted()).isTrue();
  }

  private String text() {
    return JsonMapper.shared()
        .readTree(slack.requests().getLast().body())
        .path("text")
        .asString("");
  }
}
