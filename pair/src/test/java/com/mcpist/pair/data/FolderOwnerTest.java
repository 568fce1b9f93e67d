package com.mcpist.pair.data;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderOwnerTest {
  private static final int STICKY = 01777;

  @TempDir private Path temp;
  private Path above;
  private Path data;

  @BeforeEach
  void folders() throws IOException {
    above = Files.createDirectory(temp.toRealPath().resolve("above"));
    data = Files.createDirectory(above.resolve("data"));
    permit(above, "rwxr-xr-x");
    permit(data, "rwxr-xr-x");
  }

  private static void permit(Path folder, String permissions) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
  }

  private static void refused(Path folder, String why) {
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> FolderOwner.check(folder))
        .withMessageContaining(folder + " " + why)
        .withMessageContaining("--data");
  }

  @Test
  void aFolderThatOthersMayReadIsSafe() {
    assertThatCode(() -> FolderOwner.check(data)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwxr-x", "rwxr-xrwx", "rwx----w-"})
  void aFolderThatOthersMayWriteIsRefused(String permissions) throws Exception {
    permit(data, permissions);

    refused(data, "may be written by others");
    assertThatExceptionOfType(PairException.class).isThrownBy(() -> DataFolder.open(data));
  }

  @Test
  void aFolderThatOthersMayReplaceIsRefused() throws Exception {
    permit(above, "rwxrwxrwx");
    refused(data, "is in " + above);

    // As in /tmp, where nobody renames what belongs to another user.
    Files.setAttribute(above, "unix:mode", STICKY);
    assertThatCode(() -> FolderOwner.check(data)).doesNotThrowAnyException();
  }

  @Test
  void aFolderOfAnotherUserIsRefused() throws Exception {
    if (new UnixSystem().getUid() == 0) {
      Files.setAttribute(data, "unix:uid", 1);
      refused(data, "belongs to another user");
      Files.setAttribute(data, "unix:uid", 0);
      Files.setAttribute(above, "unix:uid", 1);
      refused(data, "is in " + above);
    } else {
      refused(Path.of("/usr"), "belongs to another user");
    }
  }
}
