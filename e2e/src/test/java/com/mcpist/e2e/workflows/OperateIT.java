package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A deployment that is operated by somebody who has none of its secrets, only GitHub: commands are
 * workflows that are started there.
 */
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Needs(Need.WORKFLOWS)
@SuppressWarnings("NullAway.Init") // Nothing is stopped that was not started.
class OperateIT {
  @TempDir private static Path folder;

  private static Stage stage;

  @BeforeAll
  static void begin() throws Exception {
    stage = new Stage(folder);
  }

  @AfterAll
  static void end() throws Exception {
    if (stage != null) {
      stage.close();
    }
  }

  @Test
  @Order(1)
  void aReleaseIsTakenBack() throws Exception {
    String before = stage.production.onKoyeb();
    assertThatItPassed(stage.push(stage.checkout, Optional.empty(), Map.of()));
    assertThat(stage.production.onKoyeb()).isNotEqualTo(before);

    Run back = operate(Map.of("command", "rollback"));

    assertThatItPassed(back);
    assertThat(stage.production.onKoyeb()).isEqualTo(before);
    assertThat(back.summary()).contains("Done: the origins run one");
    Run worker = operate(Map.of("command", "rollback-worker", "dry_run", "true"));
    assertThat(worker.summary()).contains("$ mcpist rollback --worker --dry-run");
  }

  @ParameterizedTest
  @Order(2)
  @CsvSource(
      delimiter = '|',
      value = {
        "status | koyeb: HEALTHY",
        "verify | Verified",
        "history | rollback",
        "doctor | flyio-standby on fly",
        "keys-list | There are no keys",
        "users-list | No user has stored anything",
        "plans-list | standard"
      })
  void whatACommandPrintsIsTheRunsSummary(String command, String printed) throws Exception {
    Run run = operate(Map.of("command", command));

    assertThatItPassed(run);
    assertThat(run.summary()).contains("$ mcpist " + command.replace('-', ' '), printed);
  }

  @Test
  @Order(3)
  void anOriginIsTakenOutAndInAgain() throws Exception {
    Run preview = operate(Map.of("command", "drain", "origin", Pair.PRIMARY, "dry_run", "true"));
    assertThat(preview.summary()).contains("Nothing is changed");

    Run drain = operate(Map.of("command", "drain", "origin", Pair.PRIMARY));
    assertThatItPassed(drain);
    assertThat(drain.summary()).contains("drained");

    assertThatItPassed(operate(Map.of("command", "undrain", "origin", Pair.PRIMARY)));
    assertThat(operate(Map.of("command", "status")).summary()).doesNotContain("drained");
  }

  @Test
  @Order(4)
  void usersGetPlans() throws Exception {
    assertThatItPassed(
        operate(Map.of("command", "plans-set", "name", "team", "limits", "1200,100,500")));
    Run set = operate(Map.of("command", "users-set", "user", "alice", "name", "team"));

    assertThatItPassed(set);
    assertThat(set.summary()).contains("alice has the plan team.");
  }

  @Test
  @Order(5)
  void aKeyIsMadeHereAndLetInAndEndedThere() throws Exception {
    Command.Result made = stage.production.run(Map.of(), "keys", "create", "laptop");
    assertThat(made.code()).as(made.all()).isZero();
    String key = made.out().strip();
    assertThat(stage.production.call(key)).isEqualTo(401);

    Run registered = operate(dispatched(made.err()));

    assertThatItPassed(registered);
    assertThat(registered.summary()).contains("The key laptop of the user local is registered");
    assertThat(registered.all()).doesNotContain(key);
    // It was tried before, and an edge asks about a refused key again after some seconds.
    Conditions.await("it is let in", () -> stage.production.call(key) == 200);
    Run revoked = operate(Map.of("command", "keys-revoke", "name", "laptop"));
    assertThatItPassed(revoked);
    assertThat(revoked.summary()).contains("The key laptop of the user local is revoked.");
    Conditions.await("nobody lets it in", () -> stage.production.call(key) == 401);
  }

  /** The inputs in the line that a command has printed. */
  private static Map<String, String> dispatched(String told) {
    String line =
        told.lines().filter(one -> one.contains("gh workflow run ")).findFirst().orElseThrow();
    return Pattern.compile(" -f (\\w+)=(\\S+)")
        .matcher(line)
        .results()
        .collect(Collectors.toMap(input -> input.group(1), input -> input.group(2)));
  }

  /** GitHub shows what a step is given. */
  @Test
  @Order(6)
  void aKeyThatIsPastedIsRefusedAndNotShown() throws Exception {
    String key = stage.production.run(Map.of(), "keys", "create", "pasted").out().strip();

    Run run = operate(Map.of("command", "keys-revoke", "name", key));

    assertThat(run.result("operate", "operate")).contains("failure");
    assertThat(run.log()).contains("An input has an API key in it").doesNotContain(key);
    assertThat(run.steps()).filteredOn(step -> step.job().equals("operate")).hasSize(1);
  }

  @ParameterizedTest
  @Order(7)
  @ValueSource(strings = {"nowhere", "--local", "@/proc/self/environ", "$(touch here); \"'`x`"})
  void whatIsTypedInIsAWordAndNothingElse(String origin) throws Exception {
    Run run = operate(Map.of("command", "drain", "origin", origin));

    assertThat(run.result("operate", "operate")).contains("failure");
    assertThat(run.summary())
        .contains("there is no origin \"" + origin + "\"", "Exit code 2.")
        .doesNotContain("GATEWAY_SECRET");
  }

  @Test
  @Order(8)
  void gitHubRefusesWhatTheWorkflowDoesNotTake() {
    for (Map<String, String> inputs :
        List.of(Map.of("command", "destroy"), Map.of("command", "status", "secret", "x"))) {
      assertThatThrownBy(() -> operate(inputs))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("422");
    }
  }

  @Test
  @Order(90)
  void everyStepHasRun() throws IOException {
    List<WorkflowFile.Step> scripts =
        WorkflowFile.all().stream()
            .flatMap(workflow -> workflow.scripts().stream())
            .filter(step -> step.workflow().equals("operate"))
            .toList();

    assertThat(scripts).isNotEmpty();
    assertThat(stage.steps()).containsAll(scripts);
  }

  private static Run operate(Map<String, String> inputs) throws Exception {
    return stage.dispatch("operate.yml", Stage.MAIN, inputs);
  }

  private static void assertThatItPassed(Run run) {
    assertThat(run.code()).as(run.all()).isZero();
  }
}
