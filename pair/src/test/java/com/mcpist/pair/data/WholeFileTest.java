package com.mcpist.pair.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir private Path folder;

  private static void write(Path file, String text) throws PairException {
    var _ =
        WholeFile.<Integer, PairException>write(
            file,
            out -> {
              out.write(text.getBytes(StandardCharsets.UTF_8));
              return 0;
            });
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.count();
    }
  }

  @Test
  void onlyItsOwnerMayRead() throws Exception {
    Path file = folder.resolve("backup.zip");
    write(file, "first");
    write(file, "second");

    assertThat(file).hasContent("second");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(files()).isOne();
  }

  @Test
  void aFileThatSomebodyElsePreparedIsNotWritten() throws Exception {
    Path file = folder.resolve("backup.zip");
    Path victim = Files.writeString(folder.resolve("victim"), "theirs");
    Files.createSymbolicLink(folder.resolve("backup.zip.partial"), victim);
    Files.createSymbolicLink(file, victim);

    write(file, "secret");

    assertThat(victim).hasContent("theirs");
    assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(file).hasContent("secret");
  }

  @Test
  void aContentThatFailsLeavesNothing() throws Exception {
    Path file = Files.writeString(folder.resolve("backup.zip"), "before");

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(
            () ->
                WholeFile.<Integer, PairException>write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("full");
                    }))
        .withMessageContaining("cannot write " + file + ": full");
    assertThat(file).hasContent("before");
    assertThat(files()).isOne();
  }
}
