package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What names a release's archives. */
class ReleaseFilesTest {
  private static final List<String> SYSTEMS =
      List.of("linux-arm64", "linux-x64", "macos-arm64", "macos-x64");
  private static final String URL = "https://github.com/Me/notes/releases/download/v1.2.3";

  @TempDir private Path folder;

  @BeforeEach
  void index() throws IOException {
    for (String system : SYSTEMS) {
      Files.writeString(folder.resolve("mcpist-1.2.3-%s.tar.gz".formatted(system)), system);
    }
    Files.writeString(folder.resolve("mcpist_1.2.3_amd64.deb"), "deb");
    Command.Result result =
        Command.run(
            Root.process(folder, "build/index", folder.toString(), "1.2.3", URL, "Me/notes"));
    assertThat(result.code()).as(result.all()).isZero();
  }

  @Test
  void eachFileIsThereAndNothingIsLeftToFillIn() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(SYSTEMS.size() + 5)
          .contains("SHA256SUMS", "install.sh", "mcpist.rb", "compose.yaml");
    }
    for (String file : List.of("install.sh", "mcpist.rb")) {
      assertThat(folder.resolve(file)).content().doesNotContainPattern("@[A-Za-z0-9._-]+@");
      for (String system : SYSTEMS) {
        assertThat(folder.resolve(file)).content().contains(digest(system));
      }
    }
    assertThat(folder.resolve("install.sh")).content().contains("url=${MCPIST_URL:-'" + URL + "'}");
  }

  private String digest(String system) throws IOException {
    return Files.readAllLines(folder.resolve("SHA256SUMS")).stream()
        .filter(line -> line.contains(system))
        .map(line -> line.replaceFirst(" .*", ""))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void itsContainersAreThoseOfTheRelease() throws IOException {
    JsonNode services =
        new YAMLMapper().readTree(folder.resolve("compose.yaml").toFile()).path("services");

    assertThat(services.findValuesAsString("image"))
        .contains(
            "${MCPIST_IMAGES:-ghcr.io/me/notes}-origin:${MCPIST_VERSION:-1.2.3}",
            "${MCPIST_IMAGES:-ghcr.io/me/notes}-edge:${MCPIST_VERSION:-1.2.3}",
            "${MCPIST_IMAGES:-ghcr.io/me/notes}-pair:${MCPIST_VERSION:-1.2.3}")
        .filteredOn(image -> !image.contains("MCPIST_IMAGES"))
        .as("others' images are pinned")
        .isNotEmpty()
        .allMatch(image -> image.matches(".*@sha256:[0-9a-f]{64}}?"))
        .allMatch(image -> image.contains("docker.io/library/"), "podman guesses no registry");
    assertThat(services.path("postgres").path("image").asString()).contains("postgres:17.");
  }

  /**
   * podman starts nothing else after a reboot, and restarts no container that depends on one that
   * has ended.
   */
  @Test
  void itsContainersStartAgain() throws IOException {
    JsonNode compose = new YAMLMapper().readTree(folder.resolve("compose.yaml").toFile());

    assertThat(compose.findValues("depends_on")).isEmpty();
    assertThat(compose.findValuesAsString("restart")).hasSize(4).containsOnly("always");
  }
}
