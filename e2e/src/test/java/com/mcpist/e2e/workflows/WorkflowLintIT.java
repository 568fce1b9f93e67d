package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** actionlint's opinion of the workflows. */
@Needs(Need.WORKFLOWS)
class WorkflowLintIT {

  @TempDir private Path home;

  @Test
  void hasNothingToSay() throws IOException {
    try (Stream<Path> files = Files.list(Root.PATH.resolve(".github/workflows"))) {
      List<String> workflows = files.map(file -> file.toAbsolutePath().toString()).toList();

      Command.Result lint = lint(workflows);

      assertThat(workflows).hasSize(9);
      assertThat(lint.code()).as(lint.all()).isZero();
    }
  }

  @Test
  void failsForAWorkflowThatIsWrong() throws IOException {
    String text = Root.text(".github/workflows/deploy.yml");
    Path wrong =
        Files.writeString(
            home.resolve("wrong.yml"),
            text.replace("steps.push.outputs", "steps.pull.outputs")
                .replace("needs: [program, image]\n", "needs: [program, picture]\n"));

    Command.Result lint = lint(List.of(wrong.toString()));

    assertThat(lint.code()).isEqualTo(1);
    assertThat(lint.all()).contains("\"pull\"", "\"picture\"");
  }

  /** Without what it would call for scripts, which not every machine has. */
  private Command.Result lint(List<String> files) throws IOException {
    List<String> options =
        List.of(
            Toolbox.actionlint().orElseThrow().toString(),
            "-no-color",
            "-shellcheck=",
            "-pyflakes=");
    String[] line = Stream.concat(options.stream(), files.stream()).toArray(String[]::new);
    return Command.run(Root.process(home, line));
  }
}
