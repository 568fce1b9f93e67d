package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Auth;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.NewDeployment;
import com.mcpist.deploy.config.NewDeployment.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** `mcpist init` as a process without a terminal. */
class InitTest {
  private Mcpist mcpist;
  private Path file;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  InitTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    mcpist = new Mcpist(folder);
    file = folder.resolve("mcpist.yml");
  }

  private static List<String> options(Question... left) {
    List<String> options = new ArrayList<>(List.of("init"));
    for (Question question : Question.values()) {
      if (!List.of(left).contains(question)) {
        options.addAll(List.of("--" + question.key(), question.sample()));
      }
    }
    return options;
  }

  private Mcpist.Result run(List<String> arguments) throws Exception {
    return mcpist.run(arguments.toArray(String[]::new));
  }

  @Test
  void optionsForAllWriteTheExample() throws Exception {
    Mcpist.Result init = run(options());

    assertThat(init.code()).as(init.err()).isZero();
    assertThat(file).hasContent(NewDeployment.example().text());
  }

  @Test
  void whatNeedNotBeSaidIsLeftOutOrFollowsFromTheRest() throws Exception {
    Mcpist.Result init =
        run(
            options(
                Question.SERVICE,
                Question.FLY_MACHINES,
                Question.FLY_REGION,
                Question.FLY_IMAGE,
                Question.FLY_URL,
                Question.CLOUDFLARE_ACCOUNT,
                Question.CLOUDFLARE_WORKER,
                Question.CLOUDFLARE_LOAD_BALANCER,
                Question.SUPABASE,
                Question.STRIPE,
                Question.STRIPE_PRICE,
                Question.STRIPE_CALLS_PRICE,
                Question.STRIPE_RETURN_URL,
                Question.WEBHOOK));

    assertThat(init.code()).as(init.err()).isZero();
    var deployment = DeploymentFile.read(file);
    assertThat(deployment.service()).isEqualTo("mcpist");
    assertThat(deployment.origins().get(1).url()).contains("https://mcpist-example.fly.dev");
    assertThat(deployment.cloudflare()).isEmpty();
    assertThat(deployment.secrets().keySet())
        .noneMatch(name -> name.matches("(CLOUDFLARE|SUPABASE|STRIPE)_.*"));
    assertThat(deployment.notifications().webhook()).isEmpty();
    assertThat(deployment.alerts()).isEmpty();
  }

  @Test
  void aPairOnThisMachineNeedsNothing() throws Exception {
    Mcpist.Result init = mcpist.run("init", "--local");

    assertThat(init.code()).as(init.err()).isZero();
    assertThat(DeploymentFile.read(file)).isEqualTo(DeploymentFile.builtIn());
    assertThat(mcpist.run("init", "--local", "--force", "--auth-keys", "true").code()).isZero();
    assertThat(file).content().contains("\nauth:\n", "\n  keys: true\n");
    assertThat(DeploymentFile.read(file).auth()).contains(Auth.KEYS);
    assertThat(DeploymentFile.read(file).originNames())
        .isEqualTo(DeploymentFile.builtIn().originNames());
  }

  @Test
  void withoutATerminalWhatIsMissingIsNamed() throws Exception {
    Mcpist.Result init = run(options(Question.DOMAIN, Question.KOYEB_SERVICE));

    assertThat(init.code()).isEqualTo(2);
    assertThat(init.err())
        .hasLineCount(1)
        .contains("there is no terminal to ask on: give --domain, --koyeb-service.");
    assertThat(file).doesNotExist();
  }

  @Test
  void aWrongAnswerIsNamedAndNothingIsWritten() throws Exception {
    List<String> arguments = options(Question.KOYEB_URL);
    arguments.addAll(List.of("--koyeb-url", "http://notes.example.com"));
    Mcpist.Result init = run(arguments);

    assertThat(init.code()).isEqualTo(2);
    assertThat(init.err()).hasLineCount(1).contains("--koyeb-url: url must start with https://");
    assertThat(file).doesNotExist();
  }

  @Test
  void aFileThatIsThereStaysUnlessItIsForced() throws Exception {
    Files.writeString(file, "service: mine\n");
    Mcpist.Result refused = run(options());

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).hasLineCount(1).contains("exists already", "--force");
    assertThat(file).hasContent("service: mine\n");

    List<String> forced = options();
    forced.add("--force");
    assertThat(run(forced).code()).isZero();
    assertThat(file).hasContent(NewDeployment.example().text());
  }
}
