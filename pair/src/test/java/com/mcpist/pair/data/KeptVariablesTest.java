package com.mcpist.pair.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptVariablesTest {
  @TempDir private Path folder;

  @Test
  void whatIsKeptIsAddedToAnEnvironmentThatLacksIt() throws Exception {
    KeptVariables kept = new KeptVariables(folder.resolve("data"));
    assertThat(kept.with(Map.of("A", "1"))).containsExactly(Map.entry("A", "1"));

    kept.keep(Map.of("A", "kept", "B", "2"));
    kept.keep(Map.of("C", "3"));

    assertThat(kept.with(Map.of("A", "1")))
        .containsExactly(Map.entry("A", "1"), Map.entry("B", "2"), Map.entry("C", "3"));
    kept.forget(Set.of("B", "D"));
    assertThat(kept.read()).containsOnlyKeys("A", "C");
  }

  @Test
  void onlyItsOwnerMayReadIt() throws Exception {
    new KeptVariables(folder).keep(Map.of("A", "1"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void whatCannotBeReadIsNotShown() throws Exception {
    Files.writeString(file(), "{\"A\": \"secret");

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> new KeptVariables(folder).read())
        .withMessage(file() + " cannot be read: mend or delete it");
  }

  private Path file() {
    return folder.resolve("variables.json");
  }
}
