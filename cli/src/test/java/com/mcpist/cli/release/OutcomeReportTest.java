package com.mcpist.cli.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.console.Terminal;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Calls;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.verify.Verifier.Finding;
import com.mcpist.deploy.verify.Verifier.Finding.Check;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OutcomeReportTest {
  private static final Terminal PLAIN = new Terminal(false, false, true);
  private static final String DIGEST = "sha256:" + "1".repeat(64);
  private static final Finding CROSS =
      new Finding(Check.WRONG_SECRET, "koyeb-primary", false, "403", "200", "It lets strangers in");

  private static Outcome outcome(Outcome.Result result, Finding... findings) {
    return new Outcome(
        result,
        new Outcome.Version("1.4", DIGEST, "1.4 (111111111111)"),
        Optional.empty(),
        true,
        List.of(
            new Outcome.Part("koyeb-primary", "deployed", "sha256:" + "0".repeat(64), "", 12.34)),
        List.of(findings),
        Optional.of(new Calls(120, 1, 3)),
        List.of("the notification was not sent: HOOK is not set"));
  }

  @Test
  void whatCameOfIt() {
    assertThat(
            OutcomeReport.text(
                outcome(
                    new Outcome.Result.Good(),
                    new Finding(Check.HEALTH, "koyeb-primary", true, "200", "200, 1.4", "")),
                PLAIN))
        .isEqualTo(
            """

               CHECK                   OF             EXPECTED  SEEN
            ✓  health with the secret  koyeb-primary  200       200, 1.4

            ORIGIN         RESULT    BEFORE        TOOK
            koyeb-primary  deployed  000000000000  12.3 s

            Meanwhile clients made 120 calls: 1 failed, 3 took more than one attempt.
            Note: the notification was not sent: HOOK is not set

            Done: the origins run 1.4 (111111111111).
            """);
  }

  @Test
  void whatFailedIsToldWithWhatToDo() {
    assertThat(OutcomeReport.text(outcome(new Outcome.Result.Returned("a problem"), CROSS), PLAIN))
        .contains("✗  closed with a wrong secret  koyeb-primary  403       200")
        .contains("koyeb-primary, closed with a wrong secret: It lets strangers in.")
        .contains(
            "Rolled back: 1.4 (111111111111) is bad, and every origin has its earlier release");
    assertThat(OutcomeReport.text(outcome(new Outcome.Result.Failed("a problem"), CROSS), PLAIN))
        .contains("Failed: a problem. `mcpist status` shows what runs where.");
  }

  @Test
  void programsReadTheSame() {
    JsonNode json =
        JsonMapper.shared()
            .readTree(
                OutcomeReport.json(outcome(new Outcome.Result.Returned("bad"), CROSS)).toString());

    assertThat(json.path("state").asString()).isEqualTo("returned");
    assertThat(json.path("digest").asString()).isEqualTo(DIGEST);
    assertThat(json.path("origins").path(0).path("seconds").asDouble()).isEqualTo(12.34);
    assertThat(json.path("checks").path(0).path("passed").asBoolean(true)).isFalse();
    assertThat(json.path("calls").path("replayed").asInt()).isEqualTo(3);
    assertThat(json.path("warnings")).hasSize(1);
  }
}
