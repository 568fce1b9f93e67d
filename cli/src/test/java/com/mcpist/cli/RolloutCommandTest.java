package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutCommandTest {
  @TempDir private Path folder;

  private Deployment deployment() throws IOException, ConfigException {
    return DeploymentFile.read(
        Files.writeString(
            folder.resolve("mcpist.yml"),
            """
            service: notes
            origins:
              - {name: nrt, platform: fly, app: notes, region: nrt, url: "https://a.example.com"}
              - {name: fra, platform: fly, app: notes, region: fra, url: "https://b.example.com"}
            """));
  }

  @Test
  void twoThatAreChangedInPlaceAreNotOfTwoCommandsAtOnce() throws Exception {
    Deployment deployment = deployment();

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> RolloutCommand.checkPartOfRun(Set.of("nrt"), deployment))
        .withMessageContaining("--origin nrt,fra");
    assertThatCode(() -> RolloutCommand.checkPartOfRun(Set.of("nrt", "fra"), deployment))
        .doesNotThrowAnyException();
    assertThatCode(() -> RolloutCommand.checkPartOfRun(Set.of(), deployment))
        .doesNotThrowAnyException();
  }
}
