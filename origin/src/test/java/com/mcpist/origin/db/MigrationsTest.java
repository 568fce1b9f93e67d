package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MigrationsTest {
  private static final Migrations.State EMPTY =
      new Migrations.State(0, 0, Map.of(), Map.of("schema", "public", "everyone", "public"));

  @TempDir private Path temp;

  private static Migrations own() {
    return Migrations.of(Migrations.class.getClassLoader());
  }

  private static List<Path> folder() throws IOException {
    try (Stream<Path> files = Files.list(TestRelease.own())) {
      return files.sorted().toList();
    }
  }

  @Test
  void theyAreTheFilesOfTheFolder() throws Exception {
    assertThat(own().missing(EMPTY))
        .containsExactlyElementsOf(
            folder().stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> !name.endsWith("Migrate.sql"))
                .toList())
        .contains("V1__origins.sql", "R__ledger.sql");
  }

  @Test
  void inJarsTheyAreTheSame() throws Exception {
    Path jar = temp.resolve("origin.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      entries.putNextEntry(new JarEntry("db/migration/"));
      for (Path file : folder()) {
        entries.putNextEntry(new JarEntry("db/migration/" + file.getFileName()));
        entries.write(Files.readAllBytes(file));
      }
    }
    Migrations packed = Migrations.of(TestRelease.loader(jar.toUri().toURL()));

    assertThat(packed.missing(EMPTY)).isEqualTo(own().missing(EMPTY));
    assertThat(packed.newest()).isEqualTo(own().newest());
  }

  @Test
  void aProgramWithoutThemDoesNotStart() throws IOException {
    try (URLClassLoader empty =
        new URLClassLoader(
            new URL[] {temp.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> Migrations.of(empty))
          .withMessageContaining("db/migration");
    }
  }

  @Test
  void aProgramWithTwoOfOneVersionDoesNotStart() throws IOException {
    Path classes = Files.createDirectories(temp.resolve("db/migration"));
    Files.writeString(classes.resolve("V1__one.sql"), "select 1;");
    Files.writeString(classes.resolve("V1__other.sql"), "select 2;");
    try (URLClassLoader two =
        new URLClassLoader(
            new URL[] {temp.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> Migrations.of(two))
          .withMessageContaining("V1__one.sql and V1__other.sql");
    }
  }

  @Test
  void eachVersionIsThereAndSaysWhichReleasesCanUseIt() throws IOException {
    List<String> names =
        folder().stream().map(file -> file.getFileName().toString()).sorted().toList();
    for (int version : IntStream.rangeClosed(1, own().newest()).toArray()) {
      List<String> files =
          names.stream().filter(name -> name.startsWith("V" + version + "__")).toList();
      assertThat(files).as("version " + version).hasSize(1);
      assertThat(Files.readString(TestRelease.own().resolve(files.getFirst())))
          .containsPattern("insert into schema_compatibility values \\(" + version + ", \\d+\\)");
    }
  }

  @Test
  void aSchemaThatNeedsANewerReleaseIsNotUsed() {
    int known = own().newest();
    Migrations.State newer =
        new Migrations.State(known + 7, known + 3, Map.of(), EMPTY.placeholders());
    assertThatThrownBy(() -> own().missing(newer))
        .isInstanceOf(UnusableDatabaseException.IncompatibleSchema.class)
        .hasMessageContaining("Start a newer release");
  }
}
