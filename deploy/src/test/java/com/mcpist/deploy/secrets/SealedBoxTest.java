package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where libsodium comes from, in programs of their own: what is loaded stays loaded. */
class SealedBoxTest {
  @TempDir private Path folder;

  private String load(Path librariesFrom) throws IOException {
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder,
                "-Djna.tmpdir=" + librariesFrom,
                "-cp",
                System.getProperty("java.class.path"),
                LoadSealedBox.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    assertThat(load(folder)).isEqualTo("loaded");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).noneMatch(file -> file.getFileName().toString().contains("sodium"));
    }
  }

  @Test
  void whereItCannotBeLoadedItSaysSoAndWhatToDo() throws Exception {
    Path file = Files.createFile(folder.resolve("no-folder"));

    assertThat(load(file.resolve("below")))
        .startsWith("github: seal a secret: libsodium cannot be loaded on ")
        .contains("Install it (Debian: apt install libsodium23), or name a folder")
        .doesNotContain("Exception", "\n");
  }
}
